/** What pages do beside their HTML, which is whole without it: count down, tell the reader's own time, look again. */
export const SCRIPT = `
const clock = document.querySelector('[data-starts]');
if (clock) {
  const at = Number(clock.dataset.starts);
  const offset = Date.now() - Number(clock.dataset.now);
  const words = JSON.parse(clock.dataset.words);
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const cells = clock.querySelectorAll('[data-unit]');
  const show = () => {
    const left = Math.max(0, Math.ceil((at - (Date.now() - offset)) / 1000));
    const values = { days: Math.floor(left / 86400), hours: Math.floor(left / 3600) % 24, minutes: Math.floor(left / 60) % 60, seconds: left % 60 };
    for (const cell of cells) {
      const value = values[cell.dataset.unit];
      cell.querySelector('b').textContent = value;
      cell.querySelector('span').textContent = words[cell.dataset.unit][rules.select(value) === 'one' ? 0 : 1];
    }
    clock.querySelector('[data-left]').hidden = left === 0;
    clock.querySelector('[data-soon]').hidden = left > 0;
    if (left > 0) setTimeout(show, 1000 - ((Date.now() - offset) % 1000));
    else if (clock.dataset.look !== undefined) setTimeout(() => location.reload(), 5000 + Math.random() * 10000);
  };
  show();
}
for (const own of document.querySelectorAll('[data-own-time]')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone === own.dataset.zone) continue;
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'full', timeStyle: 'short' });
  own.textContent = own.dataset.ownTime.replace('{time}', format.format(Number(own.dataset.at)));
  own.hidden = false;
}
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', () => { for (const b of form.querySelectorAll('button')) setTimeout(() => { b.disabled = true; }); });
}
addEventListener('pageshow', (event) => { if (event.persisted) for (const b of document.querySelectorAll('button')) b.disabled = false; });
`;
