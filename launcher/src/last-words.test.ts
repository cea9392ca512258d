import { lastWords } from './last-words.ts';

describe('the last words of a service', () => {
  test('of an uncaught exception are the error without its stack', () => {
    const lines = [
      'file:///srv/rostrum/e2e/src/demo/main.ts:51',
      "const view = await show.host.until('live');",
      '             ^',
      '',
      'TimeoutError: locator.click: Timeout 20000ms exceeded.',
      '    at openShow (file:///srv/rostrum/e2e/src/lib/show.ts:90:13) {',
      "  name: 'TimeoutError'",
      '}',
      'Node.js v24.1.0',
    ];
    expect(lastWords(lines)).toBe('TimeoutError: locator.click: Timeout 20000ms exceeded.');
  });

  test('of one that logs are the last error it logged, with its cause', () => {
    const lines = [
      '{"level":30,"msg":"listening"}',
      '{"level":60,"msg":"cannot start","err":{"message":"address in use"}}',
      '{"level":30,"msg":"stopping"}',
    ];
    expect(lastWords(lines)).toBe('cannot start: address in use');
  });

  test('of one with impossible settings are the settings', () => {
    const lines = [
      'panel-sfu: impossible settings',
      '  ROSTRUM_LOG_LEVEL=loud cannot be used: give one of info, warn',
    ];
    expect(lastWords(lines)).toBe(
      'panel-sfu: impossible settings ROSTRUM_LOG_LEVEL=loud cannot be used: give one of info, warn',
    );
  });

  test('are never more than one line, and nothing where nothing was said', () => {
    expect(lastWords([])).toBe('');
    expect(lastWords(['{"level":30,"msg":"listening"}', '{"level":5'])).toBe('');
    expect(lastWords(['x'.repeat(1000)])).toHaveLength(300);
  });
});
