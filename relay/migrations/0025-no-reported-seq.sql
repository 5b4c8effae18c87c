-- How far a document is in report says espejo.report_cursor; nothing ever wrote or read this column.

alter table espejo.document drop column reported_seq;
comment on table espejo.document is 'One Y.Doc of one workspace, and how far its log and snapshot have come; its report: espejo.report_cursor.';
