/** One account's CloudFront: what stands in it, and what each operation does to that. */
import {
  checkQuantities,
  completed,
  FAMILIES,
  type Family,
  itemsOf,
  Refusal,
  type Thing,
} from './families.ts';
import type { Fields } from './wire.ts';

export interface AccountOptions {
  /** How many lists, and how many reads and references, do not know yet of what was made. */
  readonly unlisted?: number;
  readonly unknown?: number;
  /** Questions about a distribution until it is deployed. */
  readonly deployingFor?: number;
  readonly pageSize?: number;
  readonly nowMs?: () => number;
}

const OTHER_FAMILIES = ['Distribution', 'RealtimeLogConfig', 'Invalidation'] as const;

export class Account {
  options: AccountOptions;
  readonly #things = new Map<string, Thing[]>();
  readonly #deploying = new Map<string, number>();
  #ids = 0;

  constructor(options: AccountOptions) {
    this.options = options;
  }

  /** What stands, by noun: for assertions, and for somebody else's hand. */
  things(noun: string): Thing[] {
    const there = this.#things.get(noun) ?? [];
    this.#things.set(noun, there);
    return there;
  }

  /** All that stands, without ids and times: two runs that come to the same compare equal. */
  picture(): string {
    const names = new Map<string, string>();
    for (const [noun, things] of this.#things)
      for (const { id, config } of things)
        names.set(id, `<${noun} ${config.Name ?? config.CallerReference}>`);
    const all = [...this.#things].map(([noun, things]) => [
      noun,
      things.map(({ config }) => config).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    ]);
    let said = JSON.stringify(all.sort(), null, 1);
    for (const [id, name] of names) said = said.replaceAll(JSON.stringify(id), JSON.stringify(name));
    return said;
  }

  /** The members of the answer. @throws Refusal */
  done(operation: string, input: Fields): Fields {
    checkQuantities(input);
    for (const family of FAMILIES) {
      if (operation === `List${family.plural}`)
        return { [family.list]: this.#listed(family.noun, family.listed, input) };
      if (!operation.endsWith(family.noun)) continue;
      const verb = operation.slice(0, -family.noun.length);
      if (verb === 'Create' || verb === 'Get' || verb === 'Update' || verb === 'Delete')
        return this.#familyDone(verb, family, input);
    }
    for (const noun of OTHER_FAMILIES) {
      if (operation === `List${noun}s`) return this.#list(noun, input);
      if (operation.endsWith(noun)) return this.#other(noun, operation.slice(0, -noun.length), input);
    }
    throw new Refusal(501, 'NotImplemented', operation);
  }

  #list(noun: (typeof OTHER_FAMILIES)[number], input: Fields): Fields {
    if (noun === 'Distribution')
      return { DistributionList: this.#listed(noun, (thing) => this.#summary(thing), input) };
    return { [`${noun}s`]: this.#listed(noun, ({ config }) => config, input) };
  }

  #listed(noun: string, listed: (thing: Thing) => Fields, input: Fields): Fields {
    const all = this.things(noun).filter((thing) => {
      thing.unlisted -= 1;
      return thing.unlisted < 0;
    });
    const size = this.options.pageSize ?? 100;
    const start = Number(input.Marker ?? 0);
    const items = all.slice(start, start + size).map(listed);
    const more = start + size < all.length;
    return {
      ...{ Marker: String(start), MaxItems: size, IsTruncated: more, Quantity: items.length },
      ...(items.length > 0 ? { Items: items } : {}),
      ...(more ? { NextMarker: String(start + size) } : {}),
    };
  }

  #add(noun: string, idPrefix: string, config: Fields): Thing {
    this.#ids += 1;
    const { nowMs = Date.now, unlisted = 0, unknown = 0 } = this.options;
    const thing: Thing = {
      id: `${idPrefix}${String(this.#ids).padStart(6, '0')}`,
      etag: `E${this.#ids}V1`,
      config,
      unlisted,
      unknown,
      createdAt: new Date(nowMs()),
      changedAtMs: nowMs(),
    };
    this.things(noun).push(thing);
    return thing;
  }

  #find(noun: string, id: unknown, missing: string): Thing {
    const thing = this.things(noun).find((each) => each.id === id);
    if (!thing) throw new Refusal(404, missing, `there is no ${noun} ${id}`);
    return thing;
  }

  #matching(thing: Thing, ifMatch: unknown): void {
    if (!ifMatch)
      throw new Refusal(400, 'InvalidIfMatchVersion', 'The If-Match version is missing or not valid.');
    if (ifMatch !== thing.etag) throw new Refusal(412, 'PreconditionFailed', `the ETag is ${thing.etag}`);
  }

  /** Somebody changed it. */
  touch(thing: Thing): void {
    const [id, version] = thing.etag.split('V');
    thing.etag = `${id}V${Number(version) + 1}`;
  }

  #refer(noun: string, id: unknown, missing: string): void {
    const thing = this.#find(noun, id, missing);
    thing.unknown -= 1;
    if (thing.unknown >= 0) throw new Refusal(404, missing, `there is no ${noun} ${id} yet`);
  }

  #familyDone(verb: 'Create' | 'Get' | 'Update' | 'Delete', family: Family, input: Fields): Fields {
    const { noun } = family;
    if (verb === 'Create') {
      const config = input[family.config] as Fields;
      this.#checkFamily(family, config);
      const thing = this.#add(noun, family.idPrefix, config);
      return { [noun]: family.resource(thing), ETag: thing.etag, Location: `/2020-05-31/${thing.id}` };
    }
    const thing = this.#find(noun, input.Id, family.missing);
    if (verb === 'Get') this.#refer(noun, input.Id, family.missing);
    if (verb === 'Delete') {
      this.#matching(thing, input.IfMatch);
      if (this.#isUsed(thing.id)) throw new Refusal(409, family.inUse, `${thing.id} is in use`);
      this.#remove(noun, thing);
      return {};
    }
    if (verb === 'Update') {
      this.#matching(thing, input.IfMatch);
      const config = input[family.config] as Fields;
      this.#checkFamily(family, config, thing);
      if (noun === 'PublicKey' && config.EncodedKey !== thing.config.EncodedKey)
        throw new Refusal(400, 'CannotChangeImmutablePublicKeyFields', 'a key cannot be changed');
      thing.config = config;
      this.touch(thing);
    }
    return { [noun]: family.resource(thing), ETag: thing.etag };
  }

  #checkFamily(family: Family, config: Fields, self?: Thing): void {
    const name = family.nameOf(config);
    if (this.things(family.noun).some((each) => each !== self && family.nameOf(each.config) === name))
      throw new Refusal(409, family.exists, `${family.noun} ${name} is there already`);
    if (family.noun === 'KeyGroup')
      for (const id of (config.Items as readonly string[] | undefined) ?? [])
        this.#refer('PublicKey', id, 'NoSuchPublicKey');
  }

  /** Ids are like nothing else: whoever has it in its config uses it. */
  #isUsed(id: string): boolean {
    return [...this.#things].some(([noun, things]) =>
      noun === 'Invalidation'
        ? false
        : things.some(({ config, id: own }) => own !== id && JSON.stringify(config).includes(`"${id}"`)),
    );
  }

  #remove(noun: string, thing: Thing): void {
    const things = this.things(noun);
    things.splice(things.indexOf(thing), 1);
  }

  #other(noun: (typeof OTHER_FAMILIES)[number], verb: string, input: Fields): Fields {
    if (noun === 'Distribution') return this.#distribution(verb, input);
    return noun === 'Invalidation' ? this.#invalidation(verb, input) : this.#logs(verb, input);
  }

  #logs(verb: string, input: Fields): Fields {
    const noun = 'RealtimeLogConfig';
    if (verb === 'Create') {
      if (this.things(noun).some(({ config }) => config.Name === input.Name))
        throw new Refusal(409, 'RealtimeLogConfigAlreadyExists', `${input.Name} is there already`);
      const arn = `arn:aws:cloudfront::1:realtime-log-config/${input.Name}`;
      const thing = this.#add(noun, 'l', { ...input, ARN: arn });
      return { RealtimeLogConfig: thing.config };
    }
    const thing = this.things(noun).find(
      ({ config }) => config.ARN === input.ARN || config.Name === input.Name,
    );
    if (!thing) throw new Refusal(404, 'NoSuchRealtimeLogConfig', 'there is none');
    if (verb === 'Delete') {
      const arn = `"${thing.config.ARN}"`;
      if (this.things('Distribution').some(({ config }) => JSON.stringify(config).includes(arn)))
        throw new Refusal(400, 'RealtimeLogConfigInUse', 'it is in use');
      this.#remove(noun, thing);
      return {};
    }
    if (verb === 'Update') thing.config = { ...thing.config, ...input };
    return { RealtimeLogConfig: thing.config };
  }

  #invalidation(verb: string, input: Fields): Fields {
    const { id } = this.#find('Distribution', input.DistributionId, 'NoSuchDistribution');
    const noun = 'Invalidation';
    const said = ({ id: Id, config, createdAt }: Thing, Status: string) => ({
      Invalidation: { Id, Status, CreateTime: createdAt, InvalidationBatch: config.batch },
    });
    if (verb === 'Create') {
      const batch = input.InvalidationBatch as Fields;
      const same = this.things(noun).find(({ config }) => config.reference === batch.CallerReference);
      const thing =
        same ?? this.#add(noun, 'I', { distribution: id, batch, reference: batch.CallerReference });
      this.#deploying.set(thing.id, this.options.deployingFor ?? 0);
      return { ...said(thing, 'InProgress'), Location: `/${thing.id}` };
    }
    const thing = this.#find(noun, input.Id, 'NoSuchInvalidation');
    return said(thing, this.#status(thing.id) === 'Deployed' ? 'Completed' : 'InProgress');
  }

  /** Each question brings it nearer. */
  #status(id: string): string {
    const left = this.#deploying.get(id) ?? 0;
    this.#deploying.set(id, left - 1);
    return left > 0 ? 'InProgress' : 'Deployed';
  }

  #distribution(verb: string, input: Fields): Fields {
    const noun = 'Distribution';
    const given = input.DistributionConfig as Fields;
    if (verb === 'Create') {
      if (this.things(noun).some(({ config }) => config.CallerReference === given.CallerReference))
        throw new Refusal(409, 'DistributionAlreadyExists', 'The caller reference was used before.');
      this.#checkDistribution(given);
      const thing = this.#add(noun, 'E', completed(given));
      this.#deploying.set(thing.id, this.options.deployingFor ?? 0);
      const { Distribution } = this.#said(thing, 'InProgress');
      return { Distribution, ETag: thing.etag, Location: `https://cloudfront.amazonaws.com/${thing.id}` };
    }
    const thing = this.#find(noun, input.Id, 'NoSuchDistribution');
    if (verb === 'Get') {
      this.#refer(noun, input.Id, 'NoSuchDistribution');
      return this.#said(thing, this.#status(thing.id));
    }
    this.#matching(thing, input.IfMatch);
    if (verb === 'Delete') {
      if (thing.config.Enabled || (this.#deploying.get(thing.id) ?? 0) > 0)
        throw new Refusal(409, 'DistributionNotDisabled', 'disable it first, and wait');
      this.#remove(noun, thing);
      return {};
    }
    if (given.CallerReference !== thing.config.CallerReference)
      throw new Refusal(400, 'IllegalUpdate', 'the caller reference cannot be changed');
    this.#checkDistribution(given, thing);
    thing.config = completed(given);
    this.touch(thing);
    this.#deploying.set(thing.id, this.options.deployingFor ?? 0);
    return this.#said(thing, 'InProgress');
  }

  #said(thing: Thing, status: string): Fields {
    return {
      Distribution: {
        Id: thing.id,
        ARN: `arn:aws:cloudfront::1:distribution/${thing.id}`,
        Status: status,
        LastModifiedTime: thing.createdAt,
        InProgressInvalidationBatches: 0,
        DomainName: `${thing.id.toLowerCase()}.cloudfront.net`,
        DistributionConfig: thing.config,
      },
      ETag: thing.etag,
    };
  }

  #summary(thing: Thing): Fields {
    const { CallerReference: _, ...config } = thing.config;
    const { Distribution } = this.#said(thing, 'Deployed');
    const { DistributionConfig: __, ...said } = Distribution as Fields;
    return { ...config, ...said };
  }

  #checkDistribution(config: Fields, self?: Thing): void {
    const origins = new Set(
      [...itemsOf(config.Origins), ...itemsOf(config.OriginGroups)].map(({ Id }) => Id),
    );
    for (const behavior of [config.DefaultCacheBehavior as Fields, ...itemsOf(config.CacheBehaviors)]) {
      if (!origins.has(behavior.TargetOriginId))
        throw new Refusal(404, 'NoSuchOrigin', `there is no origin ${behavior.TargetOriginId}`);
      this.#refer('CachePolicy', behavior.CachePolicyId, 'NoSuchCachePolicy');
      this.#refer('OriginRequestPolicy', behavior.OriginRequestPolicyId, 'NoSuchOriginRequestPolicy');
      this.#refer('ResponseHeadersPolicy', behavior.ResponseHeadersPolicyId, 'NoSuchResponseHeadersPolicy');
      for (const id of ((behavior.TrustedKeyGroups as Fields).Items as string[] | undefined) ?? [])
        this.#refer('KeyGroup', id, 'TrustedKeyGroupDoesNotExist');
    }
    for (const { OriginAccessControlId: id } of itemsOf(config.Origins))
      if (id) this.#refer('OriginAccessControl', id, 'InvalidOriginAccessControl');
    const aliases = ((config.Aliases as Fields).Items as string[] | undefined) ?? [];
    const theirs = this.things('Distribution').flatMap((each) =>
      each === self ? [] : (((each.config.Aliases as Fields).Items as string[] | undefined) ?? []),
    );
    const taken = aliases.find((alias) => theirs.includes(alias));
    if (taken) throw new Refusal(409, 'CNAMEAlreadyExists', `${taken} belongs to another distribution`);
    if (aliases.length > 0 && !(config.ViewerCertificate as Fields).ACMCertificateArn)
      throw new Refusal(400, 'InvalidViewerCertificate', 'names without a certificate');
  }
}
