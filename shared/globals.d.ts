// shared/ runs in browsers and in Bun and may use only what both have beyond ECMAScript.
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
