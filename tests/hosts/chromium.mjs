// chromium.mjs - drives a headless Chromium by the DevTools protocol, over a pipe.
import { spawn } from 'node:child_process';

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const KEYS = { Enter: ['Enter', 13, '\r'], Tab: ['Tab', 9], Home: ['Home', 36], End: ['End', 35], ArrowRight: ['ArrowRight', 39], ArrowLeft: ['ArrowLeft', 37], ArrowDown: ['ArrowDown', 40],
  Backspace: ['Backspace', 8], Escape: ['Escape', 27], ' ': ['Space', 32, ' '] };

/** Starts Chromium. profile: a directory that is not there yet. Returns { page(), send(), close() }. */
export async function chromium(profile) {
  const options = ['--headless', '--disable-gpu', '--no-sandbox', '--no-first-run', '--ignore-certificate-errors', '--hide-scrollbars', '--disable-background-networking', '--disable-dev-shm-usage',
    '--force-device-scale-factor=1', '--host-resolver-rules=MAP *.localhost 127.0.0.1', `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'];
  const child = spawn('chromium', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map(), listeners = new Set();
  let number = 0, rest = '';
  child.stdio[4].setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map((one) => JSON.parse(one))) {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (!call) listeners.forEach((listen) => listen(message));
      else if (message.error) call.fail(new Error(`${call.method}: ${message.error.message}`));
      else call.done(message.result);
    }
  });
  const ended = new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`Chromium ended: ${code}`)));
  });
  ended.catch(() => undefined);
  const send = (method, params = {}, sessionId = undefined) => Promise.race([ended, new Promise((done, fail) => {
    waiting.set(++number, { done, fail, method });
    child.stdio[3].write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
  })]);

  /** Opens a page. before: a script that runs before those of each document. */
  async function page({ before = '', ...appearance } = {}) {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const call = (method, params) => send(method, params, sessionId), errors = [];
    let loaded = () => {};
    const listener = ({ method, params, sessionId: from }) => {
      if (from !== sessionId) return;
      if (method === 'Page.loadEventFired') loaded();
      if (method === 'Runtime.exceptionThrown') errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      if (method === 'Log.entryAdded' && params.entry.level === 'error') errors.push(`${params.entry.text} ${params.entry.url ?? ''}`);
    };
    listeners.add(listener);
    for (const domain of ['Runtime', 'Page', 'Log']) await call(`${domain}.enable`);
    const { userAgent } = await send('Browser.getVersion');
    await call('Emulation.setUserAgentOverride', { userAgent: userAgent.replace('Headless', ''), acceptLanguage: 'en-US' }); // functions know Headless for a robot
    if (before) await call('Page.addScriptToEvaluateOnNewDocument', { source: before });

    const self = {
      call,
      /** Exceptions, and what the browser logs as errors. */
      errors,
      async look({ width = 1200, height = 800, dark = false } = {}) {
        await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
        await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
      },
      /** Runs a function with arguments, or an expression, in the page. */
      async evaluate(code, ...args) {
        const expression = typeof code === 'function' ? `(${code})(${args.map((a) => JSON.stringify(a)).join(',')})` : code;
        const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true });
        if (exceptionDetails) throw new Error(`${expression.slice(0, 200)}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
        return result.value;
      },
      /** What act() leads to is loaded. Returns the error of a page that cannot be shown. */
      async loads(act) {
        const done = new Promise((resolve) => (loaded = resolve));
        const answer = await act();
        await Promise.race([done, sleep(10000)]);
        return answer?.errorText;
      },
      open: (url) => self.loads(() => call('Page.navigate', { url })),
      async until(what, code, ...args) {
        const end = Date.now() + 30000;
        for (;;) {
          const value = await self.evaluate(code, ...args).catch((error) => (/context/i.test(error.message) ? undefined : Promise.reject(error))); // a page that is being replaced
          if (value) return value;
          if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
          await sleep(25);
        }
      },
      /** key: its name, or a letter. modifiers: 2 for Ctrl. */
      async press(key, modifiers = 0) {
        const [code, windowsVirtualKeyCode, typed] = KEYS[key] ?? [undefined, key.toUpperCase().charCodeAt(0), key];
        const common = { key, code, windowsVirtualKeyCode, modifiers }, text = modifiers === 0 ? typed : undefined;
        await call('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', text, ...common });
        await call('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
      },
      type: (text) => call('Input.insertText', { text }),
      /** Returns a PNG. whole: of the whole page, not of its window. */
      async picture(whole = false) {
        const { data } = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
        return Buffer.from(data, 'base64');
      },
      async close() {
        listeners.delete(listener);
        await send('Target.closeTarget', { targetId });
      },
    };
    await self.look(appearance);
    return self;
  }

  async function close() {
    await send('Browser.close').catch(() => undefined);
    if (child.exitCode === null) await ended.catch(() => undefined);
  }
  return { page, send, close };
}
