import { type FileWords, noWords } from './join-captions.ts';
import { XmlError, xmlTokens } from './xml-tokens.ts';

/** The properties that say in words what a picture shows, in the order in which they are given. */
const title = 'dc:title';
const descriptions = [
  'Iptc4xmpCore:AltTextAccessibility',
  'Iptc4xmpCore:ExtDescrAccessibility',
  'dc:description',
];

/**
 * What the XMP packet of a picture says that it shows: title, alternative text, and descriptions. Of several languages
 * the default one is taken. A packet that is not well-formed says nothing.
 *
 * @see https://developer.adobe.com/xmp/docs/XMPSpecifications/
 * @see https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata
 */
export function readXmp(xmp: string): FileWords {
  const found = new Map<string, { readonly language: string | null; readonly text: string }>();
  const keep = (property: string, language: string | null, text: string) => {
    const known = found.get(property);
    if (known === undefined || (language === 'x-default' && known.language !== 'x-default')) {
      found.set(property, { language, text });
    }
  };
  /** The property that is open, and the language of the item in it. */
  let property: string | null = null;
  let language: string | null = null;
  let text = '';
  try {
    for (const token of xmlTokens(xmp.replace(/\0+$/, ''))) {
      if (token.kind === 'open') {
        for (const [name, value] of token.attributes) if (isProperty(name)) keep(name, null, value);
        if (isProperty(token.name) && !token.isEmpty) [property, language, text] = [token.name, null, ''];
        else if (property !== null && token.name === 'rdf:li') {
          language = token.attributes.get('xml:lang') ?? null;
          text = '';
        }
      } else if (token.kind === 'text') {
        if (property !== null) text += token.text;
      } else if (token.kind === 'close' && property !== null) {
        if (token.name === 'rdf:li' || token.name === property) {
          if (text.trim() !== '') keep(property, language, text);
          text = '';
        }
        if (token.name === property) property = null;
      }
    }
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return noWords;
  }
  const texts = (names: readonly string[]) => names.flatMap((name) => found.get(name)?.text ?? []);
  return { titles: texts([title]), descriptions: texts(descriptions) };
}

const isProperty = (name: string): boolean => name === title || descriptions.includes(name);
