import type { ComponentChild, FunctionComponent, VNode } from 'preact';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter]!);

/**
 * A drawing as text: what a file holds. Takes elements and components without hooks, which is all that a drawing is
 * made of; so neither the page nor the scripts need a renderer besides the page's own.
 */
export function svgText(child: ComponentChild): string {
  if (child === null || child === undefined || typeof child === 'boolean') return '';
  if (Array.isArray(child)) return child.map(svgText).join('');
  if (typeof child !== 'object') return escaped(String(child));
  const { type, props } = child as VNode<Record<string, unknown>>;
  if (typeof type === 'function') return svgText((type as FunctionComponent<object>)(props));
  const attributes = Object.entries(props)
    .filter(([name, value]) => name !== 'children' && value !== undefined && value !== null && value !== false)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
  const inner = svgText(props['children'] as ComponentChild);
  return inner === '' ? `<${type}${attributes}/>` : `<${type}${attributes}>${inner}</${type}>`;
}
