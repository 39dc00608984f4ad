# What the device knows after an accepted answer: the messages it holds, the floors (rule C3), the nonce that is used up.
$context[0] as $x | $d[0] as $d | ($c[0] // null) as $c | ($p[0] // null) as $p | $answer[0] as $answer |
{
  held: { claim: ($answer.claim // $x.held.claim), profiles: [$answer.profile // empty] },
  lastNonce: $d.nonce,
  floors: ($x.floors
    | .time = $d.time
    | if $c == null then . else .ownership = $c.ownership | .generation = $c.generation | .claimDigest = $cd | .organization = $c.organization
        | if $c.organization == null then . else .epochs[$c.organization] = $c.epoch end end
    | if $p == null then . else .networks["\($p.organization)/\($p.network)"] = {epoch: $p.epoch, sequence: $p.sequence, digest: $pd} end)
}
