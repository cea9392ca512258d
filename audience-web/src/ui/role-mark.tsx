import type { QuestionView } from '@rostrum/contracts/view';
import { t } from '../messages.ts';

/** Who speaks for the webinar: stands beside the name, where no name can put itself. Nothing for the audience. */
export function RoleMark({ role }: { role: QuestionView['role'] }) {
  return role === 'attendee' ? null : <span class="badge role">{t.roles[role]}</span>;
}
