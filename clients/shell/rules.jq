# The rules of section 5 of spec/bootstrap.md, in their order, as far as $upto (decision, claim, profile): the code of the first that fails, or nothing.
# $d, $c, $p: decision, claim, profile (or null) in arrays; $cd, $pd: digests of the payloads; $context: what the device knows.
def seconds: fromdateiso8601;
def fail(condition; code): if condition then code else empty end;
$context[0] as $x | $d[0] as $d | $c[0] as $c | $p[0] as $p | $x.floors as $f |
($f.networks["\($d.organization)/\($d.network)"] // null) as $known |
[
  fail($d.type != "decision"; "type"), fail($d.version != 1; "version"), fail($d.service != $x.service; "service"),                  # spec F5
  fail(($d.time | seconds) < ($f.time | seconds); "time-before-floor"),                                                              # spec T2
  fail($x.clock.state == "trusted" and ($x.clock.time | seconds) >= ($f.time | seconds) - 86400 and ($x.clock.time | seconds) <= ($f.time | seconds) + 315576000 and ((($d.time | seconds) - ($x.clock.time | seconds)) | fabs) > 86400; "clock-mismatch"),        # spec T3
  fail($d.device != $x.device; "device-mismatch"),                                                                                   # spec D1
  fail($d.nonce != $x.request.nonce; "nonce-mismatch"), fail($x.lastNonce != null and $d.nonce == $x.lastNonce; "nonce-used"),         # spec D2
  fail($d.request != $requested; "request-mismatch"),                                                                                # spec D3
  fail($x.request.ageSeconds >= (if $x.request.kind == "online" then 300 else 2592000 end); "request-stale"),                                                                                # spec D4
  fail($d.sealedKey != null; "unsupported"),                                                                                         # spec X1
  fail($d.claim != null and ($has | index("claim") | not); "claim-missing"),                                                         # spec D5
  fail($d.profile != null and ($has | index("profile") | not); "profile-missing"),                                                   # spec D6
  fail($d.claim == null and ($has | index("claim")); "claim-digest"), fail($d.profile == null and ($has | index("profile")); "profile-digest"),
  (if $upto == "decision" then empty else
    fail($cd != $d.claim; "claim-digest"),                                                                                           # spec D5
    fail($c.type != "claim"; "type"), fail($c.version != 1; "version"), fail($c.service != $x.service; "service"),
    fail($c.labelProof != null; "unsupported"),
    fail($c.device.manufacturer != $x.device.manufacturer or $c.device.serial != $x.device.serial or ($c.device.key // $x.deviceKey) != $x.deviceKey; "claim-device"), # spec D7
    fail(($c.expires | seconds) < ($d.time | seconds); "claim-expired"),                                                            # spec D8
    fail($c.ownership < $f.ownership; "ownership-rollback"), fail($c.generation < $f.generation; "generation-rollback"),             # spec D9
    fail($c.generation == $f.generation and $f.claimDigest != null and $cd != $f.claimDigest; "generation-conflict"),
    fail($f.claimDigest != null and $c.ownership == $f.ownership and $c.organization != $f.organization; "ownership-mismatch"),      # spec D10
    fail($c.generation > $f.generation + 65536 or $c.ownership > $f.ownership + 65536; "step-too-large"),                            # spec D11
    fail($c.organization != $d.organization or ($c.organization == null) != ($d.outcome == "unclaimed") or ($c.organization == null) != ($c.publishers == []); "organization-mismatch"),   # spec D12
    (if $c.organization == null then empty else
      fail($c.epoch != $d.epoch; "epoch-mismatch"),                                                                                  # spec D14
      fail($c.epoch < ($f.epochs[$c.organization] // 0); "epoch-rollback"),                                                          # spec D15
      fail($c.epoch > ($f.epochs[$c.organization] // 0) + 65536; "step-too-large") end) end),
  (if $upto != "profile" then empty else
    fail($pd != $d.profile; "profile-digest"),                                                                                       # spec D6
    fail($p.type != "security-profile"; "type"), fail($p.version != 1; "version"), fail($p.service != $x.service; "service"),
    fail($p.sealedSettings != null; "unsupported"),
    fail($p.organization != $d.organization; "organization-mismatch"), fail($p.network != $d.network; "network-mismatch"),           # spec D12, D13
    fail($p.epoch != $d.epoch; "epoch-mismatch"),                                                                                    # spec D14
    fail($known != null and [$p.epoch, $p.sequence] < [$known.epoch, $known.sequence]; "sequence-rollback"),                         # spec D16
    fail($known != null and [$p.epoch, $p.sequence] == [$known.epoch, $known.sequence] and $pd != $known.digest; "sequence-conflict"),
    fail($p.sequence > ($known.sequence // 0) + 16777216; "step-too-large"),
    fail(($p.expires | seconds) < ($d.time | seconds); "profile-expired"),                                                          # spec D17
    fail(($p.issued | seconds) > ($d.time | seconds) + 86400; "profile-not-yet-valid") end)
] | .[0] // ""
