-- On a shared tablet the account is the device's; the label says who had it in hand: `wo.edit @marta`.

alter table report.history add column account text;
update report.history set account = user_name;
update report.history set user_name = substring(label from ' @([a-z0-9][a-z0-9._@+-]*)$')
  where label ~ ' @[a-z0-9][a-z0-9._@+-]*$';
comment on column report.history.user_name is 'who did it: the person who had the device in hand, else its account';
comment on column report.history.account is 'account that the device was signed in with; the relay vouches for it, for user_name the device does';
