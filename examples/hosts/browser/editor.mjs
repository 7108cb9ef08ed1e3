// editor.mjs - a text area with marks at offsets. What is too large to edit is kept whole and shown in parts.

const EDITABLE = 300000; // characters
const PART = 20000; // characters that are shown of a larger text
const LONGEST = 200; // characters that are marked of a token

/** Bytes as words: 1,234 bytes, 12.3 KB. */
export function sizeText(count) {
  if (count < 10000) return `${count.toLocaleString('en')} byte${count === 1 ? '' : 's'}`;
  const [value, unit] = count < 1 << 20 ? [count / 1024, 'KB'] : [count / (1 << 20), 'MB'];
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`;
}

/** Makes an element: make('p', { class: 'x', onclick }, 'text', child). */
export function make(tag, members = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(members)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

// The end of the JSON token at an offset: of a string, a number or a word; else one character.
export function tokenEnd(text, from) {
  if (text[from] !== '"') return from + Math.max(1, /^[\w.+-]*/.exec(text.slice(from, from + 100))[0].length);
  for (let i = from + 1; i < text.length && i < from + LONGEST; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
    else if (text[i] === '\n') return i;
  }
  return Math.min(text.length, from + LONGEST);
}

export class Editor {
  marks = [];
  whole = undefined; // a text or bytes that the text area does not hold
  start = 0; // of the shown part

  // root: an element with a textarea. changed(): called for each change by the reader, and by set().
  constructor(root, changed = () => {}) {
    this.area = root.querySelector('textarea');
    this.root = root;
    this.changed = changed;
    this.layer = make('div', { class: 'marks', 'aria-hidden': 'true' }, make('div'));
    this.bar = make('div', { class: 'part', hidden: true });
    const box = make('div', { class: 'text' });
    this.area.replaceWith(box);
    box.append(this.layer, this.area);
    root.prepend(this.bar);
    this.area.addEventListener('input', () => this.edited());
    this.area.addEventListener('scroll', () => this.scrolled());
    this.area.addEventListener('paste', (event) => this.pasted(event));
    for (const type of ['dragover', 'drop', 'dragleave']) root.addEventListener(type, (event) => this.dropped(event));
    new ResizeObserver(() => this.scrolled()).observe(this.area);
  }

  /** The whole text; bytes if a file with bytes that are no UTF-8 was opened. */
  get source() {
    return this.whole ?? this.area.value;
  }

  get text() {
    return this.shownWhole ?? this.area.value;
  }

  set(given, quiet = false) {
    let text = given;
    if (typeof given !== 'string') {
      text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(given);
      if (new TextEncoder().encode(text).length === given.length && !text.includes('\ufffd')) given = text;
    }
    if (typeof given === 'string') given = text = text.replaceAll('\r\n', '\n'); // as text areas do
    const held = typeof given === 'string' && text.length <= EDITABLE && !/[\0\r]/.test(text);
    this.whole = held ? undefined : given;
    this.shownWhole = held ? undefined : text;
    this.area.readOnly = !held;
    this.last = undefined;
    if (held) this.area.value = text;
    this.mark([]);
    this.show(0);
    this.area.scrollTop = 0;
    if (!quiet) this.changed();
  }

  // Shows a part of a text that is not held.
  show(from) {
    this.bar.hidden = this.shownWhole === undefined;
    if (this.shownWhole === undefined) {
      this.start = 0;
      return;
    }
    const text = this.shownWhole, count = text.length;
    this.start = Math.max(0, Math.min(from, count - 1));
    this.area.value = text.slice(this.start, this.start + PART).replaceAll(/[\0\r]/g, ' ');
    const end = Math.min(count, this.start + PART), number = (n) => n.toLocaleString('en');
    const why = typeof this.whole !== 'string' ? 'Not text in UTF-8' : count > EDITABLE ? 'Too large to edit' : 'Has characters that cannot be edited here';
    this.bar.replaceChildren(...[make('span', {}, `${why}. ${end - this.start < count ? `Shown: ${number(this.start + 1)} to ${number(end)} of ${number(count)} characters; all are used.` : 'All of it is used.'}`),
      this.start > 0 && make('button', { type: 'button', onclick: () => this.show(this.start - PART) }, 'Previous part'),
      end < count && make('button', { type: 'button', onclick: () => this.show(this.start + PART) }, 'Next part'),
      make('button', { type: 'button', onclick: () => { this.set(''); this.area.focus(); } }, 'Clear')].filter(Boolean));
    this.draw();
  }

  edited() {
    this.follow();
    this.changed();
  }

  // Moves the marks with the text that is being edited.
  follow() {
    const now = this.area.value, old = this.last;
    if (this.marks.length === 0 || old === undefined) return;
    const grown = now.length - old.length, caret = this.area.selectionStart;
    const from = Math.max(0, Math.min(caret, caret - grown)), to = caret - grown; // of the old text: what was replaced
    this.marks = this.marks.filter((m) => m.to <= from || m.from >= to).map((m) => (m.to <= from ? m : { ...m, from: m.from + grown, to: m.to + grown }));
    this.draw();
  }

  /** marks: [{ from, to, kind }], offsets of the whole text, ascending. */
  mark(marks) {
    this.marks = marks;
    this.draw();
  }

  // The layer under the text holds the same text up to the last mark.
  draw() {
    const text = this.area.value, pieces = [];
    let at = 0;
    for (const { from, to, kind } of this.marks) {
      const begin = Math.max(at, from - this.start), end = Math.min(text.length, to - this.start);
      if (end <= begin || begin > text.length) continue;
      pieces.push(text.slice(at, begin), make('mark', { class: kind }, text.slice(begin, end)));
      at = end;
    }
    this.last = this.marks.length > 0 ? text : undefined;
    this.layer.firstChild.replaceChildren(...pieces, text[at] === '\n' || at === 0 ? '' : text.slice(at, at + 200).split('\n')[0]);
    this.scrolled();
  }

  scrolled() {
    this.layer.firstChild.style.transform = `translateY(${-this.area.scrollTop}px)`;
    this.layer.firstChild.style.width = `${this.area.clientWidth}px`;
  }

  /** Selects a place, scrolls to it, and moves the keyboard there. */
  reveal(from, to = from) {
    if (this.shownWhole !== undefined && (from < this.start || to > this.start + PART)) this.show(from - 2000);
    const begin = from - this.start, end = to - this.start, area = this.area;
    area.focus({ preventScroll: true });
    area.setSelectionRange(begin, end);
    const probe = make('div', { class: 'probe', 'aria-hidden': 'true' }, area.value.slice(0, begin));
    this.layer.append(probe);
    probe.style.width = `${area.clientWidth}px`;
    area.scrollTop = Math.max(0, probe.offsetHeight - area.clientHeight / 2);
    probe.remove();
    this.scrolled();
    (this.root.previousElementSibling ?? this.root).scrollIntoView({ block: 'nearest' }); // with its heading
  }

  pasted(event) {
    const text = event.clipboardData?.getData('text/plain') ?? '', file = event.clipboardData?.files?.[0];
    if (text === '' && file) {
      event.preventDefault();
      this.open(file);
    } else if (text.length + this.area.value.length > EDITABLE || /\0/.test(text)) {
      event.preventDefault();
      const { value, selectionStart, selectionEnd } = this.area;
      this.set(this.whole === undefined ? value.slice(0, selectionStart) + text + value.slice(selectionEnd) : text);
    } else if (this.whole !== undefined) {
      event.preventDefault();
      this.set(text);
    }
  }

  dropped(event) {
    const file = event.dataTransfer?.files?.[0], files = event.dataTransfer?.types?.includes('Files');
    this.root.classList.toggle('over', event.type === 'dragover' && files);
    if (!files) return;
    event.preventDefault();
    if (file && event.type === 'drop') this.open(file);
  }

  async open(file) {
    if (file.size > 64 << 20) this.bar.replaceChildren(make('span', {}, `${file.name} has ${sizeText(file.size)}: more than this page opens.`));
    else this.set(new Uint8Array(await file.arrayBuffer()));
    this.bar.hidden = file.size <= 64 << 20 && this.shownWhole === undefined;
  }
}
