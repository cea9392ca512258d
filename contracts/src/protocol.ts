/** Constants both ends of a socket need; free of validators, so that browser bundles may import them. */

/** Version of the person and node protocols; a mismatch is refused at the handshake (`protocol-mismatch`). */
export const PROTOCOL_VERSION = 1;

/** The Socket.IO namespace people connect to; host, panelist and attendee alike. */
export const PERSON_NAMESPACE = '/webinar';
/** The Socket.IO namespace nodes (SFU, broadcaster) dial, with the installation's node token. */
export const NODE_NAMESPACE = '/node';

/** The namespace a node's beat thread dials, with the same token: that the process lives, whatever its main loop does. */
export const BEAT_NAMESPACE = '/node-beat';

export const HEARTBEAT_INTERVAL_MS = 500;
