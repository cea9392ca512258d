import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { bytesOf, EVERYTHING, rangeOf, SPECIAL_RANGES } from './ranges.ts';

describe('ranges of addresses', () => {
  test('a CIDR is told as its first and last address', () => {
    expect(rangeOf('172.16.0.0/12')).toEqual({ first: '172.16.0.0', last: '172.31.255.255' });
    expect(rangeOf('192.0.2.7/32')).toEqual({ first: '192.0.2.7', last: '192.0.2.7' });
    expect(rangeOf('fe80::/10')).toEqual({
      first: 'fe80:0:0:0:0:0:0:0',
      last: 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    });
    expect(rangeOf('::ffff:10.1.2.3/104')).toEqual({
      first: '0:0:0:0:0:ffff:a00:0',
      last: '0:0:0:0:0:ffff:aff:ffff',
    });
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '::/129', 'example.org/8', ''])(
    '%j is no CIDR',
    (text) => {
      expect(() => rangeOf(text)).toThrow(RangeError);
    },
  );

  test('Node’s own table of ranges agrees about every address', () => {
    const ours = SPECIAL_RANGES.map(([cidr]) => rangeOf(cidr));
    const within = (ip: string): boolean =>
      ours.some(
        ({ first, last }) =>
          isIP(first) === isIP(ip) &&
          Buffer.compare(bytesOf(first), bytesOf(ip)) <= 0 &&
          Buffer.compare(bytesOf(ip), bytesOf(last)) <= 0,
      );
    const theirs = new BlockList();
    for (const [cidr] of SPECIAL_RANGES) {
      const [address = '', length] = cidr.split('/');
      // It takes a mapped address for the IPv4 one: that range is looked at below.
      if (!cidr.startsWith('::ffff'))
        theirs.addSubnet(address, Number(length), isIP(address) === 4 ? 'ipv4' : 'ipv6');
    }
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().filter((ip) => !ip.toLowerCase().includes('::ffff:')),
        ),
        (ip) => {
          fc.pre(
            bytesOf(ip).length === 4 ||
              !bytesOf(ip)
                .subarray(10, 12)
                .equals(Buffer.from([255, 255])),
          );
          expect(within(ip)).toBe(theirs.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6'));
        },
      ),
    );
    for (const ip of ['::ffff:8.8.8.8', '::ffff:a00:1']) expect(within(ip)).toBe(true);
  });

  test('everything is both families from end to end', () => {
    expect(EVERYTHING.map(rangeOf)).toEqual([
      { first: '0.0.0.0', last: '255.255.255.255' },
      { first: '0:0:0:0:0:0:0:0', last: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
    ]);
  });
});
