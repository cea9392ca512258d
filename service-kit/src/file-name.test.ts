import { attachment, fileNameOf } from './file-name.ts';

test.each([
  ['Quarterly numbers', 'Quarterly numbers'],
  ['../../etc/passwd', '-..-etc-passwd'],
  ['What? A "show": <live> | C:\\x*', 'What- A -show-- -live- - C--x-'],
  ['a\u202Egpj.exe\r\nSet-Cookie: x', 'a gpj.exe Set-Cookie- x'],
  ['  .hidden. . ', 'hidden'],
  ['...', ''],
  ['Ü'.repeat(200), 'Ü'.repeat(90)],
  ['🎤'.repeat(100), '🎤'.repeat(45)],
])('%j is saved as %j', (title, name) => {
  expect(fileNameOf(title)).toBe(name);
});

test('what is not ASCII is said in both ways, so that old readers have a name too', () => {
  expect(attachment('Plain name.mp4')).toBe('attachment; filename="Plain name.mp4"');
  expect(attachment('Überblick (1) 100%.mp4')).toBe(
    `attachment; filename="Uberblick (1) 100_.mp4"; filename*=UTF-8''%C3%9Cberblick%20%281%29%20100%25.mp4`,
  );
  expect(attachment('数字 🎤.mp4')).toMatch(
    /^attachment; filename="__ _\.mp4"; filename\*=UTF-8''[A-Za-z0-9%.-]+$/,
  );
});
