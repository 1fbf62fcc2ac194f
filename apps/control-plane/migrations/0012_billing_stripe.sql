-- What Stripe said last about a tenant's subscription. Only the provider `stripe` has rows.
create table stripe_customer (
  tenant_id text primary key references tenant,
  customer_id text not null unique,
  -- The subscription that counts, and what it gives; null where none does.
  subscription_id text,
  tier text check (tier in ('pilot', 'starter', 'growth', 'scale')),
  cancel_at_period_end boolean not null default false,
  current_period_end timestamptz,
  -- Raised by every write: who asked Stripe before somebody else wrote has to ask again.
  version int not null default 1,
  check ((subscription_id is null) = (tier is null))
);

grant select, insert, update on stripe_customer to pacspace_control;

-- Events that Stripe delivered, once each, whatever their order. They say only that something changed; what is true is
-- then asked of Stripe.
create table stripe_event (
  id text primary key,
  type text not null,
  -- Null where the event is about no customer.
  customer_id text,
  received_at timestamptz not null,
  -- When Stripe was asked about the customer, after this came.
  synced_at timestamptz
);

create index stripe_event_waiting on stripe_event (customer_id) where synced_at is null;

grant select, insert, update on stripe_event to pacspace_control;
