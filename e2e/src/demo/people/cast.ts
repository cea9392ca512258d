/** Who is in the demo: how they look, what they say and in which voice. Data alone. */

export interface Skin {
  readonly light: string;
  readonly base: string;
  readonly shade: string;
  readonly blush: string;
  readonly lip: string;
  readonly lipDark: string;
}

export interface Hair {
  readonly style: 'bob' | 'short' | 'afro' | 'receding';
  readonly base: string;
  readonly shade: string;
  readonly light: string;
  readonly brow: string;
}

export interface Clothes {
  readonly style: 'blazer' | 'jumper' | 'blouse' | 'cardigan';
  readonly base: string;
  readonly shade: string;
  readonly light: string;
  /** What is worn beneath. */
  readonly under: string;
  readonly underShade: string;
}

export interface Room {
  readonly wall: string;
  readonly wallShade: string;
  readonly wood: string;
  readonly woodShade: string;
  readonly light: string;
  readonly leaf: string;
  readonly leafShade: string;
  /** Spines, vases, frames. */
  readonly accents: readonly string[];
  /** Shelf on one side, window on the other. */
  readonly shelf: 'left' | 'right';
  readonly view: 'window' | 'pictures';
  readonly seed: number;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly skin: Skin;
  readonly hair: Hair;
  readonly clothes: Clothes;
  readonly room: Room;
  readonly eyes: string;
  readonly lashes: 'full' | 'plain';
  readonly glasses: string | null;
  readonly beard: 'none' | 'stubble' | 'full';
  readonly earrings: string | null;
  /** Width of the jaw, 1 as most. */
  readonly jaw: number;
  /** Shoulders' width, 1 as most. */
  readonly build: number;
  /** So that no two people move alike. */
  readonly seed: number;
  /** As espeak-ng names it. */
  readonly voice: string;
  /** 0..99, espeak-ng's. */
  readonly pitch: number;
  readonly text: string;
}

export const PEOPLE: readonly Person[] = [
  {
    id: 'ada',
    name: 'Ada Moreau',
    skin: {
      light: '#f9dcc8',
      base: '#efc3a6',
      shade: '#cf9478',
      blush: '#e2836f',
      lip: '#c4625c',
      lipDark: '#9c4547',
    },
    hair: { style: 'bob', base: '#6b3a2a', shade: '#43221a', light: '#a3644a', brow: '#5a3125' },
    clothes: {
      style: 'blazer',
      base: '#2f6f73',
      shade: '#1f4f54',
      light: '#4b9193',
      under: '#f6efe4',
      underShade: '#d9cdbb',
    },
    room: {
      wall: '#e9dccb',
      wallShade: '#c7b39c',
      wood: '#b98a5e',
      woodShade: '#7d5838',
      light: '#ffe3b0',
      leaf: '#6f9a6c',
      leafShade: '#42694a',
      accents: ['#c96f4a', '#2f6f73', '#e3b55b', '#f4ece0', '#7b4b45', '#90a9a0', '#3d4f5c'],
      shelf: 'right',
      view: 'window',
      seed: 11,
    },
    eyes: '#5d7a4f',
    lashes: 'full',
    glasses: null,
    beard: 'none',
    earrings: '#e7c27a',
    jaw: 0.94,
    build: 0.9,
    seed: 3,
    voice: 'en-gb+f3',
    pitch: 46,
    text: 'Good morning, and welcome. Today we look at what changed this quarter, and at what we will build next.',
  },
  {
    id: 'bo',
    name: 'Bo Lindqvist',
    skin: {
      light: '#fbdcc6',
      base: '#ecb999',
      shade: '#c78a6c',
      blush: '#dc7d66',
      lip: '#bd6f62',
      lipDark: '#93504a',
    },
    hair: { style: 'short', base: '#a8783f', shade: '#6f4b26', light: '#d6a765', brow: '#7d5730' },
    clothes: {
      style: 'jumper',
      base: '#2d3d63',
      shade: '#1c2745',
      light: '#465a88',
      under: '#eef1f6',
      underShade: '#c3cad8',
    },
    room: {
      wall: '#b9c7cb',
      wallShade: '#8298a1',
      wood: '#c79c6d',
      woodShade: '#85613f',
      light: '#ffd9a0',
      leaf: '#7fa383',
      leafShade: '#4b7058',
      accents: ['#e0a458', '#2d3d63', '#d96c4f', '#f3efe6', '#5e7f8c', '#394a52', '#a9bfae'],
      shelf: 'left',
      view: 'pictures',
      seed: 23,
    },
    eyes: '#4f7fa3',
    lashes: 'plain',
    glasses: null,
    beard: 'stubble',
    earrings: null,
    jaw: 1.08,
    build: 1.08,
    seed: 8,
    voice: 'en-us+m3',
    pitch: 38,
    text: 'Thank you, Ada. The short version is that latency went down, and the number of questions went up.',
  },
  {
    id: 'chioma',
    name: 'Chioma Eze',
    skin: {
      light: '#a56b48',
      base: '#855033',
      shade: '#5a3220',
      blush: '#a04a35',
      lip: '#8e3f3c',
      lipDark: '#64292a',
    },
    hair: { style: 'afro', base: '#2b1d1a', shade: '#170f0e', light: '#553a30', brow: '#21140f' },
    clothes: {
      style: 'blouse',
      base: '#dba23a',
      shade: '#ad7620',
      light: '#f0c56a',
      under: '#855033',
      underShade: '#5a3220',
    },
    room: {
      wall: '#d9c3c0',
      wallShade: '#ad8f93',
      wood: '#8d6a58',
      woodShade: '#5a4038',
      light: '#ffe0b8',
      leaf: '#5f8f74',
      leafShade: '#376150',
      accents: ['#dba23a', '#7d3c4a', '#f2e6dc', '#4f7f86', '#c56a52', '#3f3a4a', '#a8b89a'],
      shelf: 'right',
      view: 'pictures',
      seed: 37,
    },
    eyes: '#3b2318',
    lashes: 'full',
    glasses: null,
    beard: 'none',
    earrings: '#f0c56a',
    jaw: 0.97,
    build: 0.92,
    seed: 14,
    voice: 'en-us+f4',
    pitch: 42,
    text: 'I would like to show you the figures, because they tell the story better than I can.',
  },
  {
    id: 'dov',
    name: 'Dov Katz',
    skin: {
      light: '#f0cfb2',
      base: '#dcae8c',
      shade: '#b07f60',
      blush: '#c9745c',
      lip: '#ad6a5c',
      lipDark: '#824a43',
    },
    hair: { style: 'receding', base: '#a9abae', shade: '#73767b', light: '#d8dadc', brow: '#85878a' },
    clothes: {
      style: 'cardigan',
      base: '#59606b',
      shade: '#3c424c',
      light: '#7a828e',
      under: '#bcd3e6',
      underShade: '#8fadc5',
    },
    room: {
      wall: '#c5cbb4',
      wallShade: '#97a087',
      wood: '#a87b51',
      woodShade: '#6b4b30',
      light: '#ffdca4',
      leaf: '#6c9468',
      leafShade: '#446547',
      accents: ['#8c3f3a', '#3c5a52', '#e2c48c', '#efe9da', '#5b6b7d', '#c98a4b', '#2f3b40'],
      shelf: 'left',
      view: 'window',
      seed: 51,
    },
    eyes: '#6a5138',
    lashes: 'plain',
    glasses: '#3a3434',
    beard: 'full',
    earrings: null,
    jaw: 1.04,
    build: 1.05,
    seed: 21,
    voice: 'en-gb+m7',
    pitch: 34,
    text: 'And after that we take the questions from the audience, beginning with the most wanted ones.',
  },
];
