/** A receipt as a PDF, made on the device: it works without a network, and its text can be searched. */
import type { Receipt } from './receipt.ts';

export interface SignedBy {
  readonly name: string;
  readonly atText: string;
  /** PNG as a data address; absent when the name was typed. */
  readonly picture?: string;
  readonly number: string;
  readonly signedWord: string;
  /** SHA-256 of what was signed. */
  readonly hash?: string;
}

const MARGIN_MM = 18;
const LINE_MM = 5.4;
const PAGE_END_MM = 275;

export async function receiptPdf(receipt: Receipt, signed: SignedBy): Promise<Blob> {
  const { jsPDF } = await import('jspdf');
  const pdf = new jsPDF({ unit: 'mm', format: 'a4' });
  let y = MARGIN_MM;
  const write = (text: string, size: number, style: 'normal' | 'bold', indent = 0): void => {
    pdf.setFont('helvetica', style).setFontSize(size);
    for (const line of pdf.splitTextToSize(text, 174 - indent) as string[]) {
      if (y > PAGE_END_MM) {
        pdf.addPage();
        y = MARGIN_MM;
      }
      pdf.text(line, MARGIN_MM + indent, y);
      y += LINE_MM * (size / 10.5);
    }
  };
  write(receipt.title, 18, 'bold');
  write(signed.number, 12, 'normal');
  y += 3;
  for (const { heading, lines } of receipt.sections) {
    if (lines.length === 0) continue;
    y += 2.5;
    write(heading, 10.5, 'bold');
    for (const line of lines) write(line, 10.5, 'normal', 3);
  }
  y += 4;
  write(receipt.terms, 9, 'normal');
  y += 6;
  if (signed.picture !== undefined) {
    if (y > PAGE_END_MM - 30) {
      pdf.addPage();
      y = MARGIN_MM;
    }
    pdf.addImage(signed.picture, 'PNG', MARGIN_MM, y, 60, 24);
    y += 28;
  }
  write(`${signed.signedWord} ${signed.name}, ${signed.atText}`, 10.5, 'normal');
  if (signed.hash !== undefined) write(`SHA-256 ${signed.hash}`, 7.5, 'normal');
  return pdf.output('blob');
}
