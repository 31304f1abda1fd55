//! The sign-in message of EIP-4361, written by the server, so that what a wallet shows is what the server means.

use banyan_types::Address;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a wallet is asked to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Who asks, as wallets show it.
    pub domain: &'a str,
    /// Who signs.
    pub wallet: Address,
    /// What for.
    pub uri: &'a str,
    /// The chain of the programme.
    pub chain_id: u64,
    /// Makes the signature good for one sign-in.
    pub nonce: &'a str,
    /// When it was written.
    pub issued_at: OffsetDateTime,
    /// Until when it may be used.
    pub expires_at: OffsetDateTime,
}

impl Message<'_> {
    /// The text, exactly as EIP-4361 has it.
    pub fn text(&self) -> String {
        let when =
            |at: OffsetDateTime| at.format(&Rfc3339).expect("years of four digits have an RFC 3339 form");
        format!(
            "{domain} wants you to sign in with your Ethereum account:\n{wallet}\n\n\
             Sign in to the programme. This sends no transaction and costs nothing.\n\n\
             URI: {uri}\nVersion: 1\nChain ID: {chain}\nNonce: {nonce}\nIssued At: {issued}\nExpiration Time: {expires}",
            domain = self.domain,
            wallet = self.wallet,
            uri = self.uri,
            chain = self.chain_id,
            nonce = self.nonce,
            issued = when(self.issued_at),
            expires = when(self.expires_at),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_that_of_eip_4361() {
        let issued_at = OffsetDateTime::from_unix_timestamp(1_767_225_600).unwrap();
        let message = Message {
            domain: "banyan.example",
            wallet: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8".parse().unwrap(),
            uri: "https://banyan.example",
            chain_id: 31337,
            nonce: "0123456789abcdef",
            issued_at,
            expires_at: issued_at + time::Duration::minutes(5),
        };
        insta::assert_snapshot!(message.text(), @r"
        banyan.example wants you to sign in with your Ethereum account:
        0x70997970C51812dc3A010C7d01b50e0d17dc79C8

        Sign in to the programme. This sends no transaction and costs nothing.

        URI: https://banyan.example
        Version: 1
        Chain ID: 31337
        Nonce: 0123456789abcdef
        Issued At: 2026-01-01T00:00:00Z
        Expiration Time: 2026-01-01T00:05:00Z
        ");
    }
}
