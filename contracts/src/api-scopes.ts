/** Lists that pages show too: without validators, so that bundles stay small. */

/** What a token may be good for; `write` of a kind reads it too. */
export const API_SCOPES = [
  'webinars:read',
  'webinars:write',
  'people:read',
  'people:write',
  'recordings:read',
  'recordings:write',
  'registrations:read',
  'registrations:write',
  'webhooks:read',
  'webhooks:write',
] as const;

/** What addresses of others can be told of. */
export const WEBHOOK_EVENTS = [
  'webinar.created',
  'webinar.changed',
  'webinar.live',
  'webinar.ended',
  'webinar.cancelled',
  'recording.ready',
  'recording.deleted',
  'registration.created',
  'registration.approved',
  'registration.refused',
  'registration.cancelled',
] as const;
