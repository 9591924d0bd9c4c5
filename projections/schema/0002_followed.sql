-- When a follower last reported, which it does every second. A server tells by it that the follower
-- has ended or stands still.
ALTER TABLE progress ADD COLUMN followed_at timestamptz NOT NULL DEFAULT now();
