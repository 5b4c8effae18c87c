/** The PDF of a sent estimate, with the answer and the signature under it once there is one. */
import { msg, str } from '@lit/localize';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import { answerOf, type DocumentSource, estimateDocument, estimateMessage } from './estimate-document.ts';
import type { EstimateSignature } from './estimates.ts';
import { formatDateTime } from './format.ts';

export interface EstimateFile {
  readonly blob: Blob;
  /** `P26-R1-000012-v2.pdf` */
  readonly name: string;
  readonly title: string;
  /** What is said beside the file where it is shared. */
  readonly message: string;
}

export async function estimateFile(
  source: DocumentSource,
  given: {
    readonly decisions: ReadonlyMap<string, Approval['decision']>;
    readonly signature?: EstimateSignature | undefined;
    readonly nowMs: number;
  },
): Promise<EstimateFile> {
  const { signature, decisions, nowMs } = given;
  const document = estimateDocument(source);
  const [{ estimatePdf }, { strokesPicture }] = await Promise.all([
    import('./estimate-pdf.ts'),
    import('./strokes-picture.ts'),
  ]);
  const picture = strokesPicture(signature?.strokes_json ?? '[]');
  const signed = signature && {
    answer: answerOf(source, decisions),
    answerHeading: msg('Respuesta del cliente'),
    signedText: signedBy(signature, nowMs, source.locale),
    hash: signature.doc_hash,
    ...(picture === undefined ? {} : { picture }),
  };
  const { number, version } = source.estimate;
  return {
    blob: await estimatePdf(document, signed),
    name: `${number}-v${version}.pdf`,
    title: `${document.title} ${number}`,
    message: estimateMessage(document),
  };
}

/** "Firmado por Ana Núñez, 22 nov, 10:30". */
export function signedBy(
  signature: EstimateSignature,
  nowMs: number,
  locale: DocumentSource['locale'],
): string {
  const at = formatDateTime(signature.created_at, nowMs, locale);
  return msg(str`Firmado por ${signature.signer_name}, ${at}`);
}
