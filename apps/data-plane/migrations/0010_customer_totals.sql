-- Sums of credits at every 256th delta of a customer. Net changes are differences of running balances; credits alone are
-- not, so receipts would have to add up whole months. With these, any stretch is two rows here and at most 510 deltas
-- (docs/decisions/0036). Written by the confirm step only, with the verified ends.
create table customer_total (
  tenant_id int not null,
  customer_no int not null,
  seq int not null check (seq > 0),
  -- Sum of the positive amounts of the customer's first seq deltas.
  credits numeric not null,
  primary key (tenant_id, customer_no, seq)
);

grant select on customer_total to pacspace_api;
grant select, insert on customer_total to pacspace_worker;

create trigger customer_total_append_only before update or delete or truncate on customer_total execute function refuse_change();

-- Of what is verified already.
insert into customer_total (tenant_id, customer_no, seq, credits)
select tenant_id, customer_no, seq, credits
  from (select d.tenant_id, d.customer_no, d.seq,
               sum(greatest(d.amount, 0)) over (partition by d.tenant_id, d.customer_no order by d.seq) as credits
          from delta d
          join verified_head v on v.tenant_id = d.tenant_id and d.log_index < v.size) summed
 where seq % 256 = 0;

-- The months (UTC) that a stretch of a customer's ledger touches, each with its first and last sequence number in the
-- stretch. One binary search over the primary key for each month that has deltas.
create function customer_months(of_tenant_id int, of_customer_no int, from_seq int, to_seq int)
  returns table (period text, first_seq int, last_seq int)
language plpgsql stable
as $$
declare
  next_month timestamptz;
begin
  first_seq := from_seq;
  while first_seq <= to_seq loop
    select to_char(d.created_at at time zone 'UTC', 'YYYY-MM'),
           (date_trunc('month', d.created_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
      into strict period, next_month
      from delta d where d.tenant_id = of_tenant_id and d.customer_no = of_customer_no and d.seq = first_seq;
    last_seq := first_seq_at_or_after(of_tenant_id, of_customer_no, to_seq, next_month) - 1;
    return next;
    first_seq := last_seq + 1;
  end loop;
end
$$;

revoke execute on function customer_months from public;
grant execute on function customer_months to pacspace_api;
