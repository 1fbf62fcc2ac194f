-- The key that took a key's place. Once set it stays: a key has one successor. The predecessor's `expires_at` is then the
-- end of its grace.
alter table api_key add column rotated_to text unique references api_key;
