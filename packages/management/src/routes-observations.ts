// What people do with observations. None of it makes a CA trusted: it is found again, asked about, put aside, or kept out.
import { Type } from 'typebox';
import { DateOrTime, Fingerprint, Name, Reason } from './forms.ts';
import { Note, Observation, ObservationId } from './observations.ts';
import { items, listQuery } from './paging.ts';
import { APPROVERS, closed, nothing, PREPARERS, READERS, type Route } from './route.ts';

const ofObservation = Type.Object({ organization: Name, observation: ObservationId }, closed);
const reason = Type.Optional(Reason);

/** Routes by the name of their method in the client. */
export const OBSERVATION_ROUTES = {
  listObservations: {
    method: 'GET',
    path: '/v1/observations',
    roles: READERS,
    organization: 'query',
    act: 'observation.list',
    params: nothing,
    /** `all`: those too that are to be ignored, and those that are only remembered. */
    query: listQuery({
      organization: Type.Optional(Name),
      all: Type.Optional(Type.Boolean({ description: 'true or false' })),
    }),
    body: null,
    answer: items(Observation),
  },
  linkObservation: {
    method: 'POST',
    path: '/v1/organizations/:organization/observations/:observation/link',
    roles: PREPARERS,
    organization: 'path',
    act: 'observation.link',
    params: ofObservation,
    query: nothing,
    /** A registered inspection CA that presented what was observed, or signed it. */
    body: Type.Object({ network: Name, fingerprint: Fingerprint, reason }, closed),
    answer: Observation,
  },
  askAboutObservation: {
    method: 'POST',
    path: '/v1/organizations/:organization/observations/:observation/ask',
    roles: PREPARERS,
    organization: 'path',
    act: 'observation.ask',
    params: ofObservation,
    query: nothing,
    body: Type.Object({ note: Note, reason }, closed),
    answer: Observation,
  },
  ignoreObservation: {
    method: 'POST',
    path: '/v1/organizations/:organization/observations/:observation/ignore',
    roles: PREPARERS,
    organization: 'path',
    act: 'observation.ignore',
    params: ofObservation,
    query: nothing,
    body: Type.Object({ until: DateOrTime, reason }, closed),
    answer: Observation,
  },
  markObservationHostile: {
    method: 'POST',
    path: '/v1/organizations/:organization/observations/:observation/hostile',
    roles: PREPARERS,
    organization: 'path',
    act: 'observation.hostile',
    params: ofObservation,
    query: nothing,
    body: Type.Object({ reason }, closed),
    answer: Observation,
  },
  clearObservation: {
    method: 'POST',
    path: '/v1/organizations/:organization/observations/:observation/clear',
    roles: APPROVERS,
    organization: 'path',
    act: 'observation.clear',
    params: ofObservation,
    query: nothing,
    /** Takes back whatever was said of it. */
    body: Type.Object({ reason }, closed),
    answer: Observation,
  },
} as const satisfies Readonly<Record<string, Route>>;
