/** Photos of the demo workspace, as far as the script needs to know them. The relay draws and stores them. */

export interface DemoPhotoSubject {
  readonly slot: 'front' | 'rear' | 'left' | 'right';
  readonly bodyType: string;
  readonly color: string;
}

export interface DemoPhoto {
  readonly sha256: string;
  readonly thumbSha256: string;
  readonly mime: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

/** Absent: the orders of the script have no photos. */
export type PhotoOf = (subject: DemoPhotoSubject) => DemoPhoto;
