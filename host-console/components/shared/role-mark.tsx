import type { PersonView } from '@rostrum/contracts';
import { ROLE_WORDS } from '@rostrum/contracts/role-words';
import classes from './role-mark.module.css';

/** Who speaks for the webinar: stands beside the name, where no name can put itself. Nothing for the audience. */
export function RoleMark({ role }: { readonly role: PersonView['role'] }) {
  if (role === 'attendee') return null;
  return (
    <span className={classes.mark} data-role={role}>
      {ROLE_WORDS.en[role]}
    </span>
  );
}
