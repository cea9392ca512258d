import { keepIn } from '@rostrum/room-client/keep';
import { render } from 'preact';
import { language } from './messages.ts';
import { isEmbedded, tokenOf, webinarIdOf } from './room/address.ts';
import { createSession } from './room/session.ts';
import { App } from './ui/app.tsx';
import { probe } from './ui/probe.ts';
import { Problem } from './ui/problem.tsx';
import './styles/index.css';

performance.mark('rostrum:open');
window.rostrum = probe;
document.documentElement.lang = language;

const root = document.getElementById('root');
const webinarId = webinarIdOf(location.pathname);
if (root && webinarId === null)
  render(<Problem problem="unknown" registerUrl="" onGuest={() => undefined} />, root);
if (root && webinarId !== null) {
  const session = createSession({
    origin: location.origin,
    webinarId,
    linkToken: tokenOf(location.hash),
    keep: keepIn(() => localStorage),
    keepForTab: keepIn(() => sessionStorage),
  });
  window.addEventListener('pagehide', (event) => {
    if (!event.persisted) session.close();
  });
  // Another webinar or another person's link in the same tab is another page.
  window.addEventListener('hashchange', () => {
    if (tokenOf(location.hash) !== null) location.reload();
  });
  render(<App session={session} webinarId={webinarId} embedded={isEmbedded(location.pathname)} />, root);
}
