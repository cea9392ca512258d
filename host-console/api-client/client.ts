/** Generated from the routes of `/api/v1` by `server/http/v1/write-client.ts`: changes here are lost. */
import { type Answered, type Asking, type ClientOptions, Connection } from './connection.ts';

export * from './connection.ts';

export type CreateWebinarAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};
export type CreateWebinarBody = {
  readonly title: string;
  readonly startsAtUnixMs?: number | null;
  readonly profile?: 'fast' | 'standard' | 'scale';
  readonly access?: 'open' | 'private';
  readonly plan?: {
    readonly text?: string | null;
    readonly cover?: { readonly assetId: string; readonly width: number; readonly height: number } | null;
    readonly start?: { readonly local: string; readonly zone: string } | null;
    readonly lengthMinutes?: number;
    readonly capacity?: number | null;
    readonly join?: 'open' | 'passcode' | 'registered' | 'approved';
    readonly registrationQuestions?: readonly (
      | {
          readonly kind: 'text';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
      | {
          readonly kind: 'choice';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
          readonly choices: readonly string[];
        }
      | {
          readonly kind: 'consent';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
    )[];
    readonly whoMaySpeak?: 'hands' | 'none';
    readonly consentText?: string | null;
    readonly branding?: {
      readonly logo?: { readonly assetId: string; readonly width: number; readonly height: number } | null;
      readonly accent?: string;
      readonly background?: {
        readonly assetId: string;
        readonly width: number;
        readonly height: number;
      } | null;
      readonly holdingText?: string | null;
    };
    readonly visibility?: 'draft' | 'published';
  };
};

export type ListWebinarsAnswer = {
  readonly webinars: readonly {
    readonly webinarId: string;
    readonly title: string;
    readonly startsAtUnixMs: number | null;
    readonly profile: 'fast' | 'standard' | 'scale';
    readonly start: { readonly local: string; readonly zone: string } | null;
    readonly lengthMinutes: number;
    readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
    readonly visibility: 'draft' | 'published';
    readonly series: {
      readonly seriesId: string;
      readonly rule: string;
      readonly firstId: string;
      readonly count: number;
    } | null;
    readonly access: 'open' | 'private';
    readonly phase: 'scheduled' | 'live' | 'ended';
    readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
    readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
    readonly createdUnixMs: number;
    readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
    readonly watchUrl: string | null;
  }[];
  readonly next: string | null;
};
export type ListWebinarsQuery = { readonly limit?: number; readonly cursor?: string };

export type GetWebinarAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type CancelWebinarAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type GetPlanAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly moderation: 'open' | 'moderated';
  readonly tracks: boolean;
  readonly plan: {
    readonly text: string | null;
    readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
    readonly start: { readonly local: string; readonly zone: string } | null;
    readonly lengthMinutes: number;
    readonly capacity: number | null;
    readonly join: 'open' | 'passcode' | 'registered' | 'approved';
    readonly registrationQuestions: readonly (
      | {
          readonly kind: 'text';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
      | {
          readonly kind: 'choice';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
          readonly choices: readonly string[];
        }
      | {
          readonly kind: 'consent';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
    )[];
    readonly whoMaySpeak: 'hands' | 'none';
    readonly consentText: string | null;
    readonly branding: {
      readonly logo: { readonly assetId: string; readonly width: number; readonly height: number } | null;
      readonly accent: string;
      readonly background: {
        readonly assetId: string;
        readonly width: number;
        readonly height: number;
      } | null;
      readonly holdingText: string | null;
    };
    readonly visibility: 'draft' | 'published';
    readonly series: {
      readonly seriesId: string;
      readonly rule: string;
      readonly firstId: string;
      readonly count: number;
    } | null;
  };
  readonly startsAtUnixMs: number | null;
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly revision: number;
};

export type ChangePlanAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly moderation: 'open' | 'moderated';
  readonly tracks: boolean;
  readonly plan: {
    readonly text: string | null;
    readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
    readonly start: { readonly local: string; readonly zone: string } | null;
    readonly lengthMinutes: number;
    readonly capacity: number | null;
    readonly join: 'open' | 'passcode' | 'registered' | 'approved';
    readonly registrationQuestions: readonly (
      | {
          readonly kind: 'text';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
      | {
          readonly kind: 'choice';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
          readonly choices: readonly string[];
        }
      | {
          readonly kind: 'consent';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
    )[];
    readonly whoMaySpeak: 'hands' | 'none';
    readonly consentText: string | null;
    readonly branding: {
      readonly logo: { readonly assetId: string; readonly width: number; readonly height: number } | null;
      readonly accent: string;
      readonly background: {
        readonly assetId: string;
        readonly width: number;
        readonly height: number;
      } | null;
      readonly holdingText: string | null;
    };
    readonly visibility: 'draft' | 'published';
    readonly series: {
      readonly seriesId: string;
      readonly rule: string;
      readonly firstId: string;
      readonly count: number;
    } | null;
  };
  readonly startsAtUnixMs: number | null;
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly revision: number;
};
export type ChangePlanBody = {
  readonly revision?: number;
  readonly title?: string;
  readonly profile?: 'fast' | 'standard' | 'scale';
  readonly moderation?: 'open' | 'moderated';
  readonly tracks?: boolean;
  readonly fields?: {
    readonly text?: string | null;
    readonly cover?: { readonly assetId: string; readonly width: number; readonly height: number } | null;
    readonly start?: { readonly local: string; readonly zone: string } | null;
    readonly lengthMinutes?: number;
    readonly capacity?: number | null;
    readonly join?: 'open' | 'passcode' | 'registered' | 'approved';
    readonly registrationQuestions?: readonly (
      | {
          readonly kind: 'text';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
      | {
          readonly kind: 'choice';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
          readonly choices: readonly string[];
        }
      | {
          readonly kind: 'consent';
          readonly questionId: string;
          readonly text: string;
          readonly required: boolean;
        }
    )[];
    readonly whoMaySpeak?: 'hands' | 'none';
    readonly consentText?: string | null;
    readonly branding?: {
      readonly logo?: { readonly assetId: string; readonly width: number; readonly height: number } | null;
      readonly accent?: string;
      readonly background?: {
        readonly assetId: string;
        readonly width: number;
        readonly height: number;
      } | null;
      readonly holdingText?: string | null;
    };
    readonly visibility?: 'draft' | 'published';
  };
};

export type GetRulesAnswer = {
  readonly moderation: 'open' | 'moderated';
  readonly mayUnmute: boolean;
  readonly recordTracks: boolean;
};

export type ChangeRulesAnswer = {
  readonly moderation: 'open' | 'moderated';
  readonly mayUnmute: boolean;
  readonly recordTracks: boolean;
};
export type ChangeRulesBody = {
  readonly moderation?: 'open' | 'moderated';
  readonly mayUnmute?: boolean;
  readonly recordTracks?: boolean;
};

export type ListParticipantsAnswer = {
  readonly participants: readonly {
    readonly personId: string;
    readonly name: string;
    readonly role: 'owner' | 'host' | 'moderator' | 'panelist' | 'attendee';
    readonly guest: boolean;
    readonly muted: boolean;
    readonly state: 'admitted' | 'sent-out' | 'removed';
    readonly onStage: boolean;
    readonly onAir: boolean;
  }[];
  readonly next: string | null;
};
export type ListParticipantsQuery = { readonly limit?: number; readonly cursor?: string };

export type MuteAllAnswer = { readonly muted: number };

export type RemovePersonAnswer = Record<string, never>;

export type CreateLinkAnswer = {
  readonly url: string;
  readonly token: string;
  readonly linkId: string;
  readonly personId: string;
  readonly role: 'owner' | 'host' | 'moderator' | 'panelist' | 'attendee';
  readonly expiresUnixMs: number;
};
export type CreateLinkBody = {
  readonly role: 'host' | 'moderator' | 'panelist' | 'attendee';
  readonly name: string;
  readonly validHours?: number;
};

export type ListLinksAnswer = {
  readonly links: readonly {
    readonly linkId: string;
    readonly personId: string;
    readonly name: string;
    readonly role: 'owner' | 'host' | 'moderator' | 'panelist' | 'attendee';
    readonly madeUnixMs: number;
    readonly expiresUnixMs: number;
    readonly state: 'good' | 'revoked' | 'removed' | 'expired';
    readonly connections: number;
  }[];
};

export type RevokeLinkAnswer = Record<string, never>;

export type ListRecordingsAnswer = {
  readonly recordings: readonly {
    readonly webinarId: string;
    readonly title: string;
    readonly startsAtUnixMs: number | null;
    readonly profile: 'fast' | 'standard' | 'scale';
    readonly start: { readonly local: string; readonly zone: string } | null;
    readonly lengthMinutes: number;
    readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
    readonly visibility: 'draft' | 'published';
    readonly series: {
      readonly seriesId: string;
      readonly rule: string;
      readonly firstId: string;
      readonly count: number;
    } | null;
    readonly access: 'open' | 'private';
    readonly phase: 'scheduled' | 'live' | 'ended';
    readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
    readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
    readonly createdUnixMs: number;
    readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
    readonly watchUrl: string | null;
  }[];
  readonly next: string | null;
};
export type ListRecordingsQuery = { readonly limit?: number; readonly cursor?: string };

export type GetRecordingAnswer = {
  readonly webinarId: string;
  readonly state: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly published: boolean;
  readonly durationMs: number | null;
  readonly playlistUrl: string | null;
  readonly watchUrl: string | null;
  readonly downloads: readonly {
    readonly rendition: string;
    readonly state: 'wanted' | 'making' | 'ready' | 'failed';
    readonly bytes: number | null;
    readonly url: string | null;
  }[];
};

export type ChangeRecordingAnswer = {
  readonly webinarId: string;
  readonly state: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly published: boolean;
  readonly durationMs: number | null;
  readonly playlistUrl: string | null;
  readonly watchUrl: string | null;
  readonly downloads: readonly {
    readonly rendition: string;
    readonly state: 'wanted' | 'making' | 'ready' | 'failed';
    readonly bytes: number | null;
    readonly url: string | null;
  }[];
};
export type ChangeRecordingBody = { readonly published?: boolean; readonly downloads?: readonly string[] };

export type DeleteRecordingAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type QualityAnswer = {
  readonly rows: readonly {
    readonly atUnixMs: number;
    readonly webinarId: string;
    readonly personId: string;
    readonly direction: 'send' | 'receive' | null;
    readonly packetLoss: number | null;
    readonly roundTripMs: number | null;
    readonly jitterMs: number | null;
    readonly codec: 'VP8' | 'VP9' | 'H264' | 'AV1' | 'OPUS' | null;
    readonly layer: number | null;
    readonly relay: 'udp' | 'tcp' | 'tls' | null;
    readonly event: 'loss-alert' | 'ice-restart' | 'disconnect' | 'layer' | 'relayed' | 'direct' | null;
  }[];
};

export type OpenDoorsAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type CloseDoorsAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type GoLiveAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type EndAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type KeepLiveAnswer = {
  readonly webinarId: string;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: 'fast' | 'standard' | 'scale';
  readonly start: { readonly local: string; readonly zone: string } | null;
  readonly lengthMinutes: number;
  readonly cover: { readonly assetId: string; readonly width: number; readonly height: number } | null;
  readonly visibility: 'draft' | 'published';
  readonly series: {
    readonly seriesId: string;
    readonly rule: string;
    readonly firstId: string;
    readonly count: number;
  } | null;
  readonly access: 'open' | 'private';
  readonly phase: 'scheduled' | 'live' | 'ended';
  readonly recording: 'none' | 'pending' | 'ready' | 'deleting' | 'deleted';
  readonly remains: readonly ('broadcaster' | 'files' | 'bucket' | 'edge' | 'cdn')[];
  readonly createdUnixMs: number;
  readonly unattended: { readonly sinceUnixMs: number; readonly endsUnixMs: number | null } | null;
  readonly watchUrl: string | null;
};

export type MuteAnswer = Record<string, never>;

export type UnmuteAnswer = Record<string, never>;

export type SendOutAnswer = Record<string, never>;

export type ReturnGuestAnswer = Record<string, never>;

export type CreateWebhookAnswer = {
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly (
    | 'webinar.created'
    | 'webinar.changed'
    | 'webinar.live'
    | 'webinar.ended'
    | 'webinar.cancelled'
    | 'recording.ready'
    | 'recording.deleted'
    | 'registration.created'
    | 'registration.approved'
    | 'registration.refused'
    | 'registration.cancelled'
  )[];
  readonly enabled: boolean;
  readonly disabledFor: 'failing' | 'gone' | null;
  readonly failingSinceUnixMs: number | null;
  readonly secrets: number;
  readonly createdUnixMs: number;
  readonly secret: string;
};
export type CreateWebhookBody = {
  readonly url: string;
  readonly description?: string;
  readonly events: readonly (
    | 'webinar.created'
    | 'webinar.changed'
    | 'webinar.live'
    | 'webinar.ended'
    | 'webinar.cancelled'
    | 'recording.ready'
    | 'recording.deleted'
    | 'registration.created'
    | 'registration.approved'
    | 'registration.refused'
    | 'registration.cancelled'
  )[];
};

export type ListWebhooksAnswer = {
  readonly webhooks: readonly {
    readonly webhookId: string;
    readonly url: string;
    readonly description: string;
    readonly events: readonly (
      | 'webinar.created'
      | 'webinar.changed'
      | 'webinar.live'
      | 'webinar.ended'
      | 'webinar.cancelled'
      | 'recording.ready'
      | 'recording.deleted'
      | 'registration.created'
      | 'registration.approved'
      | 'registration.refused'
      | 'registration.cancelled'
    )[];
    readonly enabled: boolean;
    readonly disabledFor: 'failing' | 'gone' | null;
    readonly failingSinceUnixMs: number | null;
    readonly secrets: number;
    readonly createdUnixMs: number;
  }[];
};

export type GetWebhookAnswer = {
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly (
    | 'webinar.created'
    | 'webinar.changed'
    | 'webinar.live'
    | 'webinar.ended'
    | 'webinar.cancelled'
    | 'recording.ready'
    | 'recording.deleted'
    | 'registration.created'
    | 'registration.approved'
    | 'registration.refused'
    | 'registration.cancelled'
  )[];
  readonly enabled: boolean;
  readonly disabledFor: 'failing' | 'gone' | null;
  readonly failingSinceUnixMs: number | null;
  readonly secrets: number;
  readonly createdUnixMs: number;
};

export type ChangeWebhookAnswer = {
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly (
    | 'webinar.created'
    | 'webinar.changed'
    | 'webinar.live'
    | 'webinar.ended'
    | 'webinar.cancelled'
    | 'recording.ready'
    | 'recording.deleted'
    | 'registration.created'
    | 'registration.approved'
    | 'registration.refused'
    | 'registration.cancelled'
  )[];
  readonly enabled: boolean;
  readonly disabledFor: 'failing' | 'gone' | null;
  readonly failingSinceUnixMs: number | null;
  readonly secrets: number;
  readonly createdUnixMs: number;
};
export type ChangeWebhookBody = {
  readonly url?: string;
  readonly description?: string;
  readonly events?: readonly (
    | 'webinar.created'
    | 'webinar.changed'
    | 'webinar.live'
    | 'webinar.ended'
    | 'webinar.cancelled'
    | 'recording.ready'
    | 'recording.deleted'
    | 'registration.created'
    | 'registration.approved'
    | 'registration.refused'
    | 'registration.cancelled'
  )[];
  readonly enabled?: boolean;
};

export type DeleteWebhookAnswer = Record<string, never>;

export type RotateWebhookSecretAnswer = { readonly secret: string };

export type TestWebhookAnswer = { readonly messageId: string };

export type ListWebhookDeliveriesAnswer = {
  readonly deliveries: readonly {
    readonly messageId: string;
    readonly type: string;
    readonly state: 'waiting' | 'delivered' | 'failed';
    readonly attempts: number;
    readonly createdUnixMs: number;
    readonly nextUnixMs: number | null;
    readonly outcome: string | null;
  }[];
  readonly next: string | null;
};
export type ListWebhookDeliveriesQuery = { readonly limit?: number; readonly cursor?: string };

export type ReplayWebhookAnswer = { readonly replayed: number };
export type ReplayWebhookBody = { readonly sinceUnixMs: number };

export type ReplayWebhookDeliveryAnswer = { readonly replayed: number };

/** Every operation of `/api/v1` that is for tokens. */
export class RostrumClient {
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    this.#connection = new Connection(options);
  }

  /** Plan a webinar (owner). Scope: `webinars:write`. */
  createWebinar(body: CreateWebinarBody, asking?: Asking): Promise<Answered<CreateWebinarAnswer>> {
    return this.#connection.send({ method: 'POST', path: `/api/v1/webinars`, body }, asking);
  }

  /** Webinars, newest first: all for the owner, their own for host and moderator. Scope: `webinars:read`. */
  listWebinars(query: ListWebinarsQuery = {}, asking?: Asking): Promise<Answered<ListWebinarsAnswer>> {
    return this.#connection.send({ method: 'GET', path: `/api/v1/webinars`, query }, asking);
  }

  /** One webinar (owner, its host or moderator). Scope: `webinars:read`. */
  getWebinar(webinarId: string, asking?: Asking): Promise<Answered<GetWebinarAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}` },
      asking,
    );
  }

  /** Gives up a webinar without a recording (owner, its host): it is listed no more. Scope: `webinars:write`. */
  cancelWebinar(webinarId: string, asking?: Asking): Promise<Answered<CancelWebinarAnswer>> {
    return this.#connection.send(
      { method: 'DELETE', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}` },
      asking,
    );
  }

  /** What a webinar is planned to be. With an ETag. Scope: `webinars:read`. */
  getPlan(webinarId: string, asking?: Asking): Promise<Answered<GetPlanAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/plan` },
      asking,
    );
  }

  /** Changes what is named (owner, its host). With `If-Match`, only what was read (412 otherwise); with `revision`, only fields that nobody changed after it. Scope: `webinars:write`. */
  changePlan(webinarId: string, body: ChangePlanBody, asking?: Asking): Promise<Answered<ChangePlanAnswer>> {
    return this.#connection.send(
      { method: 'PATCH', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/plan`, body },
      asking,
    );
  }

  /** What the crew settled for everybody. With an ETag. Scope: `webinars:read`. */
  getRules(webinarId: string, asking?: Asking): Promise<Answered<GetRulesAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/rules` },
      asking,
    );
  }

  /** Changes what is named. With `If-Match`, only what was read (412 otherwise). Scope: `webinars:write`. */
  changeRules(
    webinarId: string,
    body: ChangeRulesBody,
    asking?: Asking,
  ): Promise<Answered<ChangeRulesAnswer>> {
    return this.#connection.send(
      { method: 'PATCH', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/rules`, body },
      asking,
    );
  }

  /** Who is known to the webinar, by their ids. Scope: `people:read`. */
  listParticipants(
    webinarId: string,
    query: ListParticipantsQuery = {},
    asking?: Asking,
  ): Promise<Answered<ListParticipantsAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants`, query },
      asking,
    );
  }

  /** Mutes everybody on the stage who is not of the crew. `muted`: how many were not before. Scope: `people:write`. */
  muteAll(webinarId: string, asking?: Asking): Promise<Answered<MuteAllAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants/mute-all` },
      asking,
    );
  }

  /** Removes a person for good, with what they asked and is still open. Scope: `people:write`. */
  removePerson(webinarId: string, personId: string, asking?: Asking): Promise<Answered<RemovePersonAnswer>> {
    return this.#connection.send(
      {
        method: 'DELETE',
        path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants/${encodeURIComponent(personId)}`,
      },
      asking,
    );
  }

  /** Lets somebody join: a link for one person, by role (owner, its host). Scope: `people:write`. */
  createLink(webinarId: string, body: CreateLinkBody, asking?: Asking): Promise<Answered<CreateLinkAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/links`, body },
      asking,
    );
  }

  /** Links that were made, newest first. Scope: `people:read`. */
  listLinks(webinarId: string, asking?: Asking): Promise<Answered<ListLinksAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/links` },
      asking,
    );
  }

  /** Takes a link back, and closes the connections made by it. Scope: `people:write`. */
  revokeLink(webinarId: string, linkId: string, asking?: Asking): Promise<Answered<RevokeLinkAnswer>> {
    return this.#connection.send(
      {
        method: 'DELETE',
        path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/links/${encodeURIComponent(linkId)}`,
      },
      asking,
    );
  }

  /** Webinars that have or had a recording, newest first. Scope: `recordings:read`. */
  listRecordings(query: ListRecordingsQuery = {}, asking?: Asking): Promise<Answered<ListRecordingsAnswer>> {
    return this.#connection.send({ method: 'GET', path: `/api/v1/recordings`, query }, asking);
  }

  /** A webinar’s recording, and its files to download. With an ETag. Scope: `recordings:read`. */
  getRecording(webinarId: string, asking?: Asking): Promise<Answered<GetRecordingAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/recording` },
      asking,
    );
  }

  /** Publishes it, takes it back, and says which files are to be made (owner, its host). With `If-Match`, only what was read (412 otherwise). Scope: `recordings:write`. */
  changeRecording(
    webinarId: string,
    body: ChangeRecordingBody,
    asking?: Asking,
  ): Promise<Answered<ChangeRecordingAnswer>> {
    return this.#connection.send(
      { method: 'PATCH', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/recording`, body },
      asking,
    );
  }

  /** Deletes it for good, copies and caches too (owner, its host). Scope: `recordings:write`. */
  deleteRecording(webinarId: string, asking?: Asking): Promise<Answered<DeleteRecordingAnswer>> {
    return this.#connection.send(
      { method: 'DELETE', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/recording` },
      asking,
    );
  }

  /** How the networks of those on the stage fared, oldest first, as far as it is in memory. Scope: `people:read`. */
  quality(webinarId: string, asking?: Asking): Promise<Answered<QualityAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/quality` },
      asking,
    );
  }

  /** Has the channel run before the show, so that viewers wait where it starts. Scope: `webinars:write`. */
  openDoors(webinarId: string, asking?: Asking): Promise<Answered<OpenDoorsAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/open` },
      asking,
    );
  }

  /** Takes that back. Scope: `webinars:write`. */
  closeDoors(webinarId: string, asking?: Asking): Promise<Answered<CloseDoorsAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/close` },
      asking,
    );
  }

  /** Goes live (owner, its host). `pending`: it goes on, and the webinar says when it is live. Scope: `webinars:write`. */
  goLive(webinarId: string, asking?: Asking): Promise<Answered<GoLiveAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/go-live` },
      asking,
    );
  }

  /** Ends a live webinar (owner, its host). Scope: `webinars:write`. */
  end(webinarId: string, asking?: Asking): Promise<Answered<EndAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/end` },
      asking,
    );
  }

  /** Keeps a live webinar that nobody attends from ending by itself. Scope: `webinars:write`. */
  keepLive(webinarId: string, asking?: Asking): Promise<Answered<KeepLiveAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/keep-live` },
      asking,
    );
  }

  /** Mutes somebody on the stage: nothing of them is heard. Scope: `people:write`. */
  mute(webinarId: string, personId: string, asking?: Asking): Promise<Answered<MuteAnswer>> {
    return this.#connection.send(
      {
        method: 'POST',
        path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants/${encodeURIComponent(personId)}/mute`,
      },
      asking,
    );
  }

  /** Lifts that: they may open their microphone again. Scope: `people:write`. */
  unmute(webinarId: string, personId: string, asking?: Asking): Promise<Answered<UnmuteAnswer>> {
    return this.#connection.send(
      {
        method: 'POST',
        path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants/${encodeURIComponent(personId)}/unmute`,
      },
      asking,
    );
  }

  /** Sends somebody out for some minutes. Scope: `people:write`. */
  sendOut(webinarId: string, personId: string, asking?: Asking): Promise<Answered<SendOutAnswer>> {
    return this.#connection.send(
      {
        method: 'POST',
        path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants/${encodeURIComponent(personId)}/send-out`,
      },
      asking,
    );
  }

  /** Sends a guest on the stage back to the audience. Scope: `people:write`. */
  returnGuest(webinarId: string, personId: string, asking?: Asking): Promise<Answered<ReturnGuestAnswer>> {
    return this.#connection.send(
      {
        method: 'POST',
        path: `/api/v1/webinars/${encodeURIComponent(webinarId)}/participants/${encodeURIComponent(personId)}/return`,
      },
      asking,
    );
  }

  /** Has an address told what happens. Its secret is told this once. Scope: `webhooks:write`. */
  createWebhook(body: CreateWebhookBody, asking?: Asking): Promise<Answered<CreateWebhookAnswer>> {
    return this.#connection.send({ method: 'POST', path: `/api/v1/webhooks`, body }, asking);
  }

  /** The webhooks, newest first. Scope: `webhooks:read`. */
  listWebhooks(asking?: Asking): Promise<Answered<ListWebhooksAnswer>> {
    return this.#connection.send({ method: 'GET', path: `/api/v1/webhooks` }, asking);
  }

  /** One webhook. Scope: `webhooks:read`. */
  getWebhook(webhookId: string, asking?: Asking): Promise<Answered<GetWebhookAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}` },
      asking,
    );
  }

  /** Changes what is named; `enabled` turns it off and on again. Scope: `webhooks:write`. */
  changeWebhook(
    webhookId: string,
    body: ChangeWebhookBody,
    asking?: Asking,
  ): Promise<Answered<ChangeWebhookAnswer>> {
    return this.#connection.send(
      { method: 'PATCH', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}`, body },
      asking,
    );
  }

  /** Removes a webhook with its deliveries. Scope: `webhooks:write`. */
  deleteWebhook(webhookId: string, asking?: Asking): Promise<Answered<DeleteWebhookAnswer>> {
    return this.#connection.send(
      { method: 'DELETE', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}` },
      asking,
    );
  }

  /** A new secret. For a day messages are signed with the one before it too. Scope: `webhooks:write`. */
  rotateWebhookSecret(webhookId: string, asking?: Asking): Promise<Answered<RotateWebhookSecretAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}/secrets` },
      asking,
    );
  }

  /** Sends a `webhook.test`. Scope: `webhooks:write`. */
  testWebhook(webhookId: string, asking?: Asking): Promise<Answered<TestWebhookAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}/test` },
      asking,
    );
  }

  /** What it was told, newest first, and what came of it. Scope: `webhooks:read`. */
  listWebhookDeliveries(
    webhookId: string,
    query: ListWebhookDeliveriesQuery = {},
    asking?: Asking,
  ): Promise<Answered<ListWebhookDeliveriesAnswer>> {
    return this.#connection.send(
      { method: 'GET', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}/deliveries`, query },
      asking,
    );
  }

  /** Sends everything again since a time. Scope: `webhooks:write`. */
  replayWebhook(
    webhookId: string,
    body: ReplayWebhookBody,
    asking?: Asking,
  ): Promise<Answered<ReplayWebhookAnswer>> {
    return this.#connection.send(
      { method: 'POST', path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}/replay`, body },
      asking,
    );
  }

  /** Sends one message again. Scope: `webhooks:write`. */
  replayWebhookDelivery(
    webhookId: string,
    messageId: string,
    asking?: Asking,
  ): Promise<Answered<ReplayWebhookDeliveryAnswer>> {
    return this.#connection.send(
      {
        method: 'POST',
        path: `/api/v1/webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(messageId)}/replay`,
      },
      asking,
    );
  }
}
