/** Of its file, beside the recording's playlists. */
export const POSTER_NAME = 'poster.jpg';
