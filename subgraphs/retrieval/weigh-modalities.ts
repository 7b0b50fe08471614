import type { Encoder } from '../../platform/ports/encoder.ts';
import type { ModalityWeights } from './fuse.ts';
import type { Query } from './types.ts';

/** Words that ask for a picture, by language. */
const pictureWords = {
  english: `blueprint blueprints chart charts diagram diagrams drawing drawings figure figures graph graphs illustration
    illustrations image images photo photograph photographs photos picture pictures schematic schematics screenshot
    screenshots sketch sketches`,
  german: `abbildung abbildungen bild bilder bildern diagramm diagramme diagrammen foto fotos fotografie grafik grafiken
    schaltplan schaltpläne skizze skizzen zeichnung zeichnungen schaubild`,
  french: `croquis dessin dessins diagramme diagrammes figure figures graphique graphiques illustration illustrations
    image images photo photographie photos schéma schémas`,
  spanish: `croquis dibujo dibujos diagrama diagramas esquema esquemas figura figuras foto fotografía fotos gráfica
    gráfico gráficos ilustración ilustraciones imagen imágenes`,
} as const;

type Language = keyof typeof pictureWords;

/** Everyday words of each language, which its encoders have as they are and others take to pieces. */
const everydayWords: Readonly<Record<Exclude<Language, 'english'>, readonly string[]>> = {
  german: ['zwischen', 'werden', 'können', 'Beispiel', 'Jahre', 'wurde', 'nicht', 'durch'],
  french: ['toujours', 'pourquoi', 'maintenant', 'beaucoup', 'quelque', 'entre', 'même', 'année'],
  spanish: ['siempre', 'ejemplo', 'entonces', 'mientras', 'también', 'desde', 'según', 'ahora'],
};

/** Whoever knows a language needs fewer tokens than this for one of its words, on average. */
const mostTokens = 1.5;

/** Said of no picture: `figure out`. */
const otherMeanings = /\b(?:figur(?:e|es)\s+out|draw(?:ing)?\s+conclusions?|photo\s+copy)\b/giu;

const known = new WeakMap<Encoder, ReadonlySet<string>>();

/** The words that ask for a picture in the languages that an encoder knows; English every one does. */
function wordsFor(encoder: Encoder): ReadonlySet<string> {
  let words = known.get(encoder);
  if (words === undefined) {
    const languages: Language[] = ['english'];
    for (const language of ['german', 'french', 'spanish'] as const) {
      const everyday = everydayWords[language];
      const tokens = encoder.tokenSpans(everyday.join(' ')).length;
      if (tokens / everyday.length < mostTokens) languages.push(language);
    }
    words = new Set(languages.flatMap((language) => pictureWords[language].split(/\s+/)));
    known.set(encoder, words);
  }
  return words;
}

/** Whether a question asks for a picture, in one of the languages that the encoder knows. */
export function asksForPicture(text: string, encoder: Encoder): boolean {
  const words = wordsFor(encoder);
  return Array.from(text.replace(otherMeanings, '').matchAll(/[\p{L}\p{M}]+/gu)).some(([word]) =>
    words.has(word.toLowerCase().normalize('NFC')),
  );
}

/** What modalities weigh for one question. */
export function weighModalities(
  query: Query,
  weights: ModalityWeights,
  askedImage: number | undefined,
  encoder: Encoder,
): ModalityWeights {
  if (askedImage === undefined || query.kind !== 'text') return weights;
  try {
    return asksForPicture(query.text, encoder) ? { ...weights, IMAGE: askedImage } : weights;
  } catch {
    // An encoder that is not loaded here knows no words.
    return weights;
  }
}
