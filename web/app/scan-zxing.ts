/** The detector of browsers that have none: ZXing as WebAssembly, from this origin. */
import { BarcodeDetector, type BarcodeFormat, prepareZXingModule } from 'barcode-detector/ponyfill';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

export function zxingDetector(formats: BarcodeFormat[]): BarcodeDetector {
  prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
  return new BarcodeDetector({ formats });
}
