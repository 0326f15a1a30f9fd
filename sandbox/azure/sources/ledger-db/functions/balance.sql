CREATE OR REPLACE VIEW balance AS
SELECT
    account.customer,
    account.currency,
    coalesce(sum(entry.cents), 0) AS cents
FROM account
LEFT JOIN entry ON entry.account = account.id
GROUP BY account.id;
