-- Who may take which decision: the holders of the contract's roles, from its own events, so that a directive is prepared
-- for the wallet that can send it. The index keeps the few role events at hand among all logs.
CREATE INDEX chain_events_roles ON chain_events (block_number, log_index)
    WHERE topics[1] IN (
        -- RoleGranted(bytes32,address,address), RoleRevoked(bytes32,address,address)
        '\x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d',
        '\xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b'
    );

-- One row for each role and account that holds it, as of the last block read.
CREATE VIEW role_holders AS
SELECT role, wallet_address, since_block, since_log
FROM (
    SELECT DISTINCT ON (topics[2], topics[3])
           topics[2] AS role,
           '0x' || encode(substr(topics[3], 13), 'hex') AS wallet_address,
           topics[1] = '\x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d' AS held,
           block_number AS since_block,
           log_index AS since_log
    FROM chain_events
    WHERE topics[1] IN (
        '\x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d',
        '\xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b'
    )
    ORDER BY topics[2], topics[3], block_number DESC, log_index DESC
) AS last
WHERE held;

GRANT SELECT ON role_holders TO banyan_app, banyan_read;
