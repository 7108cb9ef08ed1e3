// Types of the package edgefn.

/** A Lambda@Edge or CloudFront Functions event: a value, its JSON text, or the bytes of that text. */
export type EventLike = object | string | Uint8Array;

/** What a function returned: a value, its JSON text, or the bytes of that text. */
export type ResultLike = unknown;

export type EventType = 'viewer-request' | 'origin-request' | 'origin-response' | 'viewer-response';
export type SampleType = EventType | 'functions-viewer-request' | 'functions-viewer-response';
export type Dialect = 'lambda' | 'functions';

export interface TypeOption {
  /** The type of an event that does not say it, such as the test events of AWS SAM. Default: inferred from its content. */
  type?: EventType;
}

/** One of CloudFront's rules. */
export interface Rule {
  /** Its id, which does not change: 'header.read-only.deleted'. */
  readonly rule: string;
  /** True if CloudFront refuses the result; false if AWS does not document what it does. */
  readonly refused: boolean;
  /** What is wrong. */
  readonly text: string;
  /** CloudFront's own sentence, if it is known. In `rules`, %n is the subject and %c a character. */
  readonly says: string | null;
  /** AWS's page and heading. */
  readonly source: string;
  /** What to do. */
  readonly advice: string;
  readonly confidence: 'documented' | 'reported' | 'inferred' | 'doubtful';
  /** What the viewer gets instead of the result: 502, 503; 0 for a doubtful rule. */
  readonly status: number;
  /** Where it applies: 'all', 'Lambda@Edge', 'CloudFront Functions', 'viewer-request', ... */
  readonly events: string;
}

/** A place in a text, as the text was given: lines and columns count from 1. In strings, columns and offsets count UTF-16 units, as JavaScript
 *  does; in bytes they count bytes. */
export interface Place {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** The offset in UTF-8, as the command prints it. */
  readonly byteOffset: number;
}

export interface Finding extends Rule, Place {
  /** The header or member; null if it is the result as a whole. */
  readonly subject: string | null;
  /** Where it is in the result: 'headers.host[0].value'; '' is the result as a whole. */
  readonly path: string;
  /** The violated limit and the actual number; 0 if the rule has none. */
  readonly limit: number;
  readonly actual: number;
}

/** Something in a value that JSON cannot hold, so that CloudFront does not get it. */
export interface Loss {
  readonly path: string;
  /** 'undefined', 'NaN', 'a function', 'a Map', ... */
  readonly was: string;
  /** 'nothing', 'null' or '{}'. */
  readonly becomes: string;
}

/** Findings in the order of the text. The other members are not enumerable: an empty array equals []. */
export interface Findings extends Array<Finding> {
  /** What was noticed about both as a whole: 'this is an API Gateway answer'. */
  readonly notes: readonly string[];
  /** What the conversion of a value to JSON lost. */
  readonly lost: readonly Loss[];
  /** The text that offsets refer to: the given one, or that of JSON.stringify(). */
  readonly json: string;
}

/** An event that was refused. Without a place if the error is not about the text. */
export class EdgefnError extends Error {
  constructor(message: string, members?: object);
  /** 'EDGEFN_E_JSON_EOF', 'EDGEFN_E_MISSING', ... */
  readonly code: string;
  readonly text?: string;
  /** 'request.headers' */
  readonly where?: string;
  readonly subject?: string | null;
  /** What it is instead, if it is another event of AWS: 'an S3 event'. */
  readonly other?: string;
  readonly offset?: number;
  readonly line?: number;
  readonly column?: number;
  readonly byteOffset?: number;
}

/** A result that CloudFront would refuse. */
export class RefusedError extends EdgefnError {
  constructor(findings: Findings);
  readonly findings: Findings;
}

/** Returns what CloudFront would refuse, or may refuse, in what a function returned. A string is JSON text. Throws an EdgefnError if the event
 *  is refused, and a TypeError if the result cannot become JSON. */
export function check(event: EventLike, result: ResultLike, options?: TypeOption): Findings;

/** Undoes the header edits that CloudFront would refuse, and nothing else. */
export function sanitize<T>(event: EventLike, result: T, options?: TypeOption): { result: T; undone: Finding[] };

export type Parsed =
  | { readonly error: null; readonly dialect: Dialect; readonly type: EventType; readonly inferred: boolean }
  | { readonly error: EdgefnError; readonly dialect?: undefined; readonly type?: undefined; readonly inferred?: undefined };

/** Reads an event. Does not throw if it is refused: `error` then says why and where. */
export function parse(event: EventLike, options?: TypeOption): Parsed;

export interface ConvertOptions extends TypeOption {
  /** Called with a line for each thing that the other dialect cannot express exactly. */
  note?: (line: string) => void;
}

/** Returns the same event in the other dialect, as a value or a text like the given one. Throws an EdgefnError if that is impossible. */
export function convert(event: string | Uint8Array, to: Dialect, options?: ConvertOptions): string;
export function convert(event: object, to: Dialect, options?: ConvertOptions): any;

export type Pairs = Record<string, string | number> | ReadonlyArray<readonly [string, string | number]>;

export interface SampleOptions {
  uri?: string;
  /** Without '?'. */
  query?: string;
  method?: string;
  clientIp?: string;
  /** Two capital letters. */
  country?: string;
  /** Of the response in response events, else of the request. */
  headers?: Pairs;
  requestHeaders?: Pairs;
  /** Of the request. */
  cookies?: Pairs;
  /** Response events. */
  status?: number;
  statusText?: string;
  /** 'a=1; Path=/' */
  setCookies?: readonly string[];
  /** viewer-request and origin-request of Lambda@Edge. */
  body?: string | Uint8Array;
  truncated?: boolean;
  /** Origin events: the domain. */
  origin?: string;
  s3?: boolean;
}

/** Returns a complete event. Throws a TypeError for an option that this type does not have. */
export function sample(type: SampleType, options?: SampleOptions): any;

export interface UserAgent {
  readonly device: 'mobile' | 'tablet' | 'desktop' | 'tv';
  readonly system: string | null;
  readonly browser: string | null;
  /** The browser's major version; 0: unknown. */
  readonly version: number;
  readonly bot: 'search' | 'preview' | 'monitor' | 'ai' | 'tool' | 'other' | null;
  readonly botName: string | null;
}

/** Returns the class of a User-Agent header. */
export function userAgent(text: string): UserAgent;

/** All rules, with CloudFront's sentences. */
export const rules: readonly Rule[];

/** The version of the library. */
export const version: string;

export interface CheckOptions extends TypeOption {
  /** Also fail for doubtful findings. Default: false. */
  doubtful?: boolean;
}

/** Throws a RefusedError if CloudFront would refuse what a function returned for an event. */
export function assertAccepted(result: unknown, event: EventLike, options?: CheckOptions): void;

/** Returns findings as text for people. */
export function describe(findings: readonly Finding[]): string;

/** For expect.extend(). */
export const matchers: {
  toBeAcceptedBy(result: unknown, event: EventLike, options?: CheckOptions): { pass: boolean; message: () => string };
};

export interface WrapOptions extends CheckOptions {
  /** Report findings here and return the result as it is, instead of throwing. true: console.error. */
  log?: true | ((text: string, findings?: Findings) => void);
  /** Return a Promise also if the handler has a callback, and do not call the caller's. Default: only if the caller gives none. */
  promise?: boolean;
}

/** Returns a function that does the same and checks what it returns: at once, as a Promise, or to a callback. */
export function wrap<T extends (...args: any[]) => any>(handler: T, options?: WrapOptions): T;

export interface CommandAnswer {
  code: number;
  out: Uint8Array;
  err: string;
}

/** Runs a command of the C project's command line: check, rules, convert, sample. files: what it may read, by name. */
export function command(args: readonly string[], files?: Record<string, string | Uint8Array>, settings?: Record<string, string>): CommandAnswer;

/** The functions that load() makes. */
export interface Edgefn {
  check: typeof check;
  sanitize: typeof sanitize;
  parse: typeof parse;
  convert: typeof convert;
  sample: typeof sample;
  userAgent: typeof userAgent;
  rules: typeof rules;
  version: typeof version;
  command: typeof command;
  /** Bytes of the memory that is kept for the next call. */
  memory: () => number;
}

/** The functions of another compiled module: a WebAssembly.Module, or its bytes. */
export function load(wasm: object): Edgefn;
