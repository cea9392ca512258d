import { differences, merged, withoutSecrets } from './difference.ts';

test('what CloudFront says beyond what is wanted is no difference, and is kept', () => {
  const wanted = {
    Comment: 'ours',
    Origins: { Quantity: 1, Items: [{ Id: 'live', DomainName: 'a.example' }] },
  };
  const actual = {
    Comment: 'ours',
    WebACLId: 'theirs',
    Origins: {
      Quantity: 1,
      Items: [{ Id: 'live', DomainName: 'a.example', CustomHeaders: { Quantity: 0 } }],
    },
  };
  expect(differences(wanted, actual)).toEqual([]);
  expect(merged(wanted, actual)).toEqual(actual);
});

test('a changed attribute is told by its path, by what it is and by what it will be', () => {
  const wanted = { Origins: { Quantity: 1, Items: [{ Id: 'live', DomainName: 'b.example' }] } };
  const actual = { Origins: { Quantity: 1, Items: [{ Id: 'live', DomainName: 'a.example' }] } };
  expect(differences(wanted, actual)).toEqual([
    { kind: 'change', path: 'Origins[live].DomainName', from: 'a.example', to: 'b.example' },
  ]);
});

test('plain lists are sets', () => {
  const list = (...items: string[]) => ({ Methods: { Quantity: items.length, Items: items } });
  expect(differences(list('GET', 'HEAD'), list('HEAD', 'GET'))).toEqual([]);
  expect(differences(list('GET'), list('HEAD', 'GET'))).toEqual([
    { kind: 'change', path: 'Methods', from: ['HEAD', 'GET'], to: ['GET'] },
  ]);
});

test('what somebody added to a list is removed, and what an empty one should not have', () => {
  const actual = { OriginGroups: { Quantity: 1, Items: [{ Id: 'theirs' }] } };
  const wanted = { OriginGroups: { Quantity: 0 } };
  expect(differences(wanted, actual)).toEqual([
    { kind: 'remove', path: 'OriginGroups[theirs]', from: { Id: 'theirs' } },
  ]);
  expect(merged(wanted, actual)).toEqual({ OriginGroups: { Quantity: 0 } });
});

test('the order of behaviours is a difference, of origins it is not', () => {
  const items = (name: string, member: string, ...values: string[]) => ({
    [name]: { Quantity: values.length, Items: values.map((value) => ({ [member]: value })) },
  });
  expect(
    differences(
      items('CacheBehaviors', 'PathPattern', '/a', '/b'),
      items('CacheBehaviors', 'PathPattern', '/b', '/a'),
    ),
  ).toEqual([{ kind: 'change', path: 'CacheBehaviors (order)', from: ['/b', '/a'], to: ['/a', '/b'] }]);
  expect(differences(items('Origins', 'Id', 'a', 'b'), items('Origins', 'Id', 'b', 'a'))).toEqual([]);
});

test('a key that is there and undefined shall not be there', () => {
  expect(differences({ Arn: undefined }, { Arn: 'x' })).toEqual([{ kind: 'remove', path: 'Arn', from: 'x' }]);
  expect(differences({ Arn: undefined }, {})).toEqual([]);
  expect(merged({ Arn: undefined }, { Arn: 'x', Other: 1 })).toEqual({ Other: 1 });
});

test('a certificate is sent as it is wanted: the old way of saying it is not kept beside the new one', () => {
  const wanted = { ViewerCertificate: { CloudFrontDefaultCertificate: true } };
  const actual = { ViewerCertificate: { ACMCertificateArn: 'arn', CertificateSource: 'acm' } };
  expect(merged(wanted, actual)).toEqual(wanted);
});

test('that a secret is set, changes or goes is told, and never what it is', () => {
  const origin = (secret: string) => ({
    Origins: {
      Quantity: 1,
      Items: [{ Id: 'live', Headers: { Quantity: 1, Items: [{ HeaderName: 'X', HeaderValue: secret }] } }],
    },
  });
  const found = [
    ...differences(origin('new-one'), {}),
    ...differences(origin('new-one'), origin('old-one')),
    ...differences({ Origins: { Quantity: 0 } }, origin('old-one')),
  ].map(withoutSecrets);
  expect(found.length).toBeGreaterThan(2);
  const text = JSON.stringify(found);
  expect(text).toContain('(not shown)');
  expect(text).not.toMatch(/new-one|old-one/);
});
