// What every part of the page draws with: Preact's elements, written as HTML in template strings.
import htm from 'htm';
import { h } from 'preact';

export { Component, cloneElement, Fragment, render } from 'preact';
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

export const html = htm.bind(h);
