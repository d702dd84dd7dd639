//! What must never be found in the books, and how to look for it.

/// What is promised, and a query that counts in its column `found` how often it was broken.
pub(crate) const INVARIANTS: [(&str, &str); 7] = [
    (
        "no bounded account is beyond its bound",
        "SELECT count(*) AS found FROM accounts WHERE bounded AND debits_pending + debits_posted > credits_posted",
    ),
    (
        "an account's newest entry has its balances",
        "SELECT count(*) AS found FROM accounts AS a LEFT JOIN entries AS e ON e.account = a.id AND e.number = a.entries \
         WHERE e.account IS NULL OR e.debits_posted <> a.debits_posted OR e.credits_posted <> a.credits_posted \
         OR e.debits_pending <> a.debits_pending OR e.credits_pending <> a.credits_pending",
    ),
    (
        "an account's balance is the sum of its entries, all of which are there",
        "SELECT count(*) AS found FROM (SELECT a.id FROM accounts AS a JOIN entries AS e ON e.account = a.id \
         GROUP BY a.id, a.entries, a.credits_posted, a.debits_posted \
         HAVING sum(e.change) <> a.credits_posted - a.debits_posted OR count(*) <> a.entries) AS wrong",
    ),
    (
        "a pending transfer is resolved at most once",
        "SELECT count(*) AS found FROM (SELECT pending_id FROM transfers WHERE pending_id IS NOT NULL \
         GROUP BY pending_id HAVING count(*) > 1) AS twice",
    ),
    (
        "what posts or voids names a pending transfer between its own accounts, up to its amount",
        "SELECT count(*) AS found FROM transfers AS r LEFT JOIN transfers AS p ON p.id = r.pending_id AND p.mode = 'pending' \
         AND p.debit = r.debit AND p.credit = r.credit AND (r.amount = p.amount OR r.mode = 'post' AND r.amount < p.amount) \
         WHERE (r.pending_id IS NOT NULL OR r.mode IN ('post', 'void')) AND (p.id IS NULL OR r.mode NOT IN ('post', 'void'))",
    ),
    (
        "what an account has pending is the sum of its unresolved pending transfers",
        "WITH waiting AS (SELECT t.debit, t.credit, t.amount FROM transfers AS t LEFT JOIN transfers AS r ON r.pending_id = t.id \
         WHERE t.mode = 'pending' AND r.id IS NULL), \
         sums AS (SELECT account, sum(debits) AS debits, sum(credits) AS credits FROM (\
         SELECT debit AS account, amount AS debits, 0 AS credits FROM waiting UNION ALL SELECT credit, 0, amount FROM waiting\
         ) AS sides GROUP BY account) \
         SELECT count(*) AS found FROM accounts AS a LEFT JOIN sums AS s ON s.account = a.id \
         WHERE a.debits_pending <> coalesce(s.debits, 0) OR a.credits_pending <> coalesce(s.credits, 0)",
    ),
    (
        "an escrow holds what its account in the ledger does",
        // An escrow and its account know each other by the transfer that funded them: looked at from the one side, and from the other.
        "SELECT (SELECT count(*) FROM escrows AS e LEFT JOIN transfers AS f ON f.reference = e.id AND f.code = 'purchase' \
         LEFT JOIN accounts AS a ON a.id = f.credit AND a.kind = 'escrow' \
         WHERE a.id IS NULL OR e.funded - e.released - e.refunded <> a.credits_posted - a.debits_posted) \
         + (SELECT count(*) FROM accounts AS a LEFT JOIN transfers AS f ON f.credit = a.id AND f.code = 'purchase' \
         LEFT JOIN escrows AS e ON e.id = f.reference WHERE a.kind = 'escrow' AND e.id IS NULL) AS found",
    ),
];
