import { notifications } from '@mantine/notifications';
import { wording } from './messages.ts';

/** Says a problem in words, once at a time for each kind. */
export function notifyProblem(code: string): void {
  const words = wording(code);
  notifications.hide(`problem-${code}`);
  notifications.show({
    id: `problem-${code}`,
    color: 'warn',
    title: words.title,
    message: words.hint,
    withBorder: true,
  });
}

export function notifyDone(title: string): void {
  notifications.show({ color: 'good', message: title, withBorder: true, autoClose: 3000 });
}
