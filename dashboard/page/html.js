// What every part of the page draws with: Preact's elements, written as HTML in template strings.
import htm from './vendor/htm.js';
import { h } from './vendor/preact.js';

export { Component, cloneElement, Fragment, render } from './vendor/preact.js';
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from './vendor/preact-hooks.js';

export const html = htm.bind(h);
