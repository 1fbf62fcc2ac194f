-- Every checkpoint as it is shown and looked up: of one customer; of all, in the log or not yet; and each customer's part
-- of those of all. Unions over indexed tables: a tenant with a nonce, root, customer or key reaches each of them.
create view stored_checkpoint as
  select k.tenant_id, k.nonce, k.log_index, k.customer_no, k.cut_size, k.cut_at, k.start_at, k.end_at, k.period, k.closed,
         k.mode, k.fingerprints, k.key_digest, k.from_seq, k.to_seq, k.deltas_count, k.starting_balance, k.net_change,
         k.ending_balance, k.items_root, k.proof_root, false as is_part,
         (select c.customer_id from customer c
           where c.tenant_id = k.tenant_id and c.customer_no = k.customer_no) as customer_id
    from checkpoint k
  union all
  select u.tenant_id, u.nonce, null, null, u.cut_size, u.cut_at, u.start_at, u.end_at, u.period, u.closed,
         u.mode, u.fingerprints, u.key_digest, null, null, null, null, null, null, null, null, false, null
    from checkpoint_cut u
   where not exists (select from checkpoint k where k.tenant_id = u.tenant_id and k.nonce = u.nonce)
  union all
  select p.tenant_id, p.nonce, k.log_index, p.customer_no, u.cut_size, u.cut_at, u.start_at, u.end_at, u.period, u.closed,
         u.mode, u.fingerprints, u.key_digest, p.from_seq, p.to_seq, p.deltas_count, p.starting_balance, p.net_change,
         p.ending_balance, p.items_root, p.proof_root, true,
         (select c.customer_id from customer c
           where c.tenant_id = p.tenant_id and c.customer_no = p.customer_no)
    from checkpoint_part p
    join checkpoint_cut u on u.tenant_id = p.tenant_id and u.nonce = p.nonce
    left join checkpoint k on k.tenant_id = p.tenant_id and k.nonce = p.nonce;

grant select on stored_checkpoint to pacspace_api, pacspace_worker;

create index checkpoint_part_of_customer on checkpoint_part (tenant_id, customer_no);
