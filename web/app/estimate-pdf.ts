/** An estimate as a PDF, made on the device: it works without a network, and its text can be searched. */
import type { jsPDF } from 'jspdf';
import { groupedOptions } from '../../shared/taller/options.ts';
import {
  type Answer,
  choiceHeading,
  type DocumentJob,
  type DocumentLine,
  type EstimateDocument,
  type Labelled,
  titleOf,
} from './estimate-document.ts';

export interface SignedEstimate {
  readonly answer: Answer;
  readonly answerHeading: string;
  /** "Firmado por Ana Núñez, 22 nov, 10:30". */
  readonly signedText: string;
  /** PNG as a data address; absent when the name was typed. */
  readonly picture?: string;
  /** SHA-256 of what was signed. */
  readonly hash: string;
}

const LEFT_MM = 16;
const RIGHT_MM = 194;
const TOP_MM = 18;
const BOTTOM_MM = 278;
const LINE_MM = 5;
/** Right edges of the columns of figures. */
const COLUMNS_MM = { quantity: 122, price: 148, discount: 164, amount: RIGHT_MM } as const;
const DESCRIPTION_MM = 84;
const GREY = 95;

export async function estimatePdf(document: EstimateDocument, signed?: SignedEstimate): Promise<Blob> {
  const { jsPDF } = await import('jspdf');
  const sheet = new Sheet(new jsPDF({ unit: 'mm', format: 'a4' }));
  sheet.heading(document.title, document.number);
  sheet.parties(document.parties);
  sheet.columns(document.columns);
  for (const group of groupedOptions(document.jobs)) {
    const of = group[0]?.option_group ?? '';
    if (of !== '') sheet.choice(choiceHeading(of));
    for (const job of group) sheet.job(job);
  }
  sheet.totals(document.totals, document.total, document.range);
  sheet.paragraph(document.terms);
  if (signed) sheet.answer(signed);
  else sheet.acceptance(document.acceptance);
  sheet.footers(`${document.title} ${document.number}`);
  return sheet.pdf.output('blob');
}

/** A4 from top to bottom; begins another page where something does not fit. */
class Sheet {
  readonly pdf: jsPDF;
  #y = TOP_MM;

  constructor(pdf: jsPDF) {
    this.pdf = pdf;
  }

  heading(title: string, number: string): void {
    this.#style(20, 'bold');
    this.pdf.text(title, LEFT_MM, this.#y);
    this.#style(11, 'normal');
    this.pdf.text(number, RIGHT_MM, this.#y, { align: 'right' });
    this.#y += 10;
  }

  /** Two beside each other. */
  parties(parties: EstimateDocument['parties']): void {
    for (let index = 0; index < parties.length; index += 2) {
      const pair = parties.slice(index, index + 2);
      const top = this.#y;
      const bottoms = pair.map(({ heading, lines }, place) => {
        const x = LEFT_MM + place * 92;
        this.#y = top;
        this.#style(8.5, 'bold', GREY);
        this.pdf.text(heading.toUpperCase(), x, this.#y);
        this.#y += LINE_MM;
        this.#style(10, 'normal');
        for (const line of lines.flatMap((text) => this.#wrap(text, 84))) {
          this.pdf.text(line, x, this.#y);
          this.#y += LINE_MM;
        }
        return this.#y;
      });
      this.#y = Math.max(...bottoms) + 3;
    }
  }

  columns(columns: DocumentLine): void {
    this.#y += 2;
    this.#style(8.5, 'bold', GREY);
    this.#row(columns, [columns.description]);
    this.#rule();
  }

  /** Over the options of a group; never alone at the foot of a page. */
  choice(heading: string): void {
    this.#room(5 * LINE_MM);
    this.#y += 2;
    this.#style(11, 'bold');
    for (const line of this.#wrap(heading, RIGHT_MM - LEFT_MM)) this.#text(line);
  }

  job(job: DocumentJob): void {
    const { total, lines } = job;
    this.#room(3 * LINE_MM);
    this.#y += 2;
    this.#style(11, 'bold');
    const [first = '', ...more] = this.#wrap(titleOf(job), 130);
    this.pdf.text(first, LEFT_MM, this.#y);
    this.pdf.text(total, RIGHT_MM, this.#y, { align: 'right' });
    this.#y += LINE_MM;
    for (const line of more) this.#text(line);
    for (const line of lines) {
      this.#style(9.5, 'normal');
      const description = this.#wrap(line.description, DESCRIPTION_MM);
      this.#room(description.length * LINE_MM);
      this.#row(line, description);
    }
    this.#rule();
  }

  totals(totals: readonly Labelled[], total: Labelled, range: Labelled | undefined): void {
    this.#room((totals.length + 4) * LINE_MM);
    this.#y += 3;
    this.#style(10, 'normal');
    for (const { label, text } of totals) this.#figure(label, text);
    this.#y += 1.5;
    this.#style(13, 'bold');
    this.#figure(total.label, total.text);
    this.#style(10, 'normal');
    // Two amounts are wider than the column of figures.
    if (range) this.#figure('', `${range.label}: ${range.text}`);
    this.#y += 4;
  }

  paragraph(text: string): void {
    this.#style(9, 'normal');
    for (const line of this.#wrap(text, RIGHT_MM - LEFT_MM)) this.#text(line);
  }

  answer({ answer, answerHeading, signedText, picture, hash }: SignedEstimate): void {
    this.#room((answer.jobs.length + 4) * LINE_MM + (picture === undefined ? 0 : 30));
    this.#y += 5;
    this.#style(12, 'bold');
    this.#text(answerHeading);
    this.#y += 1;
    this.#style(10, 'normal');
    for (const { title, word, total } of answer.jobs) {
      this.pdf.text(this.#wrap(title, 90)[0] ?? '', LEFT_MM, this.#y);
      this.pdf.text(word, 122, this.#y);
      this.pdf.text(total, RIGHT_MM, this.#y, { align: 'right' });
      this.#y += LINE_MM;
    }
    this.#style(11, 'bold');
    this.#figure(answer.approved.label, answer.approved.text);
    this.#y += 2;
    if (picture !== undefined) {
      this.pdf.addImage(picture, 'PNG', LEFT_MM, this.#y, 60, 24);
      this.#y += 28;
    }
    this.#style(10, 'normal');
    this.#text(signedText);
    this.#style(7.5, 'normal', GREY);
    this.#text(`SHA-256 ${hash}`);
  }

  /** A place to sign by hand. */
  acceptance(text: string): void {
    this.#room(34);
    this.#y += 8;
    this.#style(10, 'normal');
    this.pdf.text(text, LEFT_MM, this.#y);
    this.#y += 22;
    this.#rule();
  }

  footers(title: string): void {
    const pages = this.pdf.getNumberOfPages();
    this.#style(8, 'normal', GREY);
    for (let page = 1; page <= pages; page++) {
      this.pdf.setPage(page);
      this.pdf.text(title, LEFT_MM, 289);
      this.pdf.text(`${page} / ${pages}`, RIGHT_MM, 289, { align: 'right' });
    }
  }

  #row(line: DocumentLine, description: readonly string[]): void {
    for (const [index, text] of description.entries()) {
      if (index === 0) {
        for (const [column, x] of Object.entries(COLUMNS_MM))
          this.pdf.text(plain(line[column as keyof typeof COLUMNS_MM]), x, this.#y, { align: 'right' });
      }
      this.pdf.text(text, LEFT_MM, this.#y);
      this.#y += LINE_MM;
    }
  }

  #figure(label: string, text: string): void {
    this.pdf.text(plain(label), 150, this.#y, { align: 'right' });
    this.pdf.text(plain(text), RIGHT_MM, this.#y, { align: 'right' });
    this.#y += LINE_MM + 0.5;
  }

  #text(line: string): void {
    this.#room(LINE_MM);
    this.pdf.text(line, LEFT_MM, this.#y);
    this.#y += LINE_MM;
  }

  #rule(): void {
    this.pdf.setDrawColor(200).line(LEFT_MM, this.#y - 3, RIGHT_MM, this.#y - 3);
    this.#y += 2;
  }

  #room(heightMm: number): void {
    if (this.#y + heightMm <= BOTTOM_MM) return;
    this.pdf.addPage();
    this.#y = TOP_MM;
  }

  #style(size: number, weight: 'normal' | 'bold', grey = 0): void {
    this.pdf.setFont('helvetica', weight).setFontSize(size).setTextColor(grey);
  }

  #wrap(text: string, widthMm: number): string[] {
    return text.split('\n').flatMap((line) => this.pdf.splitTextToSize(plain(line), widthMm) as string[]);
  }
}

/** The fonts that every PDF reader has know no narrow spaces. */
function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u2009\u202f]/g, ' ');
}
