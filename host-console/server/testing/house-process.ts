/**
 * A coordinator to be killed, over the data folder that is its argument. Says on stdout where it is, with a webinar that is
 * live and the owner's URL, as one line of JSON.
 */
import { openHouse } from './house.ts';

const [dataDir = ''] = process.argv.slice(2);
const house = await openHouse({ dataDir });
const webinarId = await house.webinar('Zahlen, 3. Quartal');
await house.mediaPlane.words?.append(webinarId, () => [
  { type: 'webinar.wentLive', channelId: webinarId, originUrl: 'http://origin.test' },
]);
const ownerUrl = await house.coordinator.service.ownerUrl();
process.stdout.write(`${JSON.stringify({ url: house.url, webinarId, ownerUrl })}\n`);
