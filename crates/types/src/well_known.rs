//! Keys that everybody has, and where they are refused without exception.

use alloy_primitives::{Address, address};

/// BNB Smart Chain and its test network: there is real money, or people who believe so.
const PUBLIC_CHAINS: [u64; 2] = [56, 97];

/// The addresses of the keys that anvil and hardhat print at every start.
const WELL_KNOWN: [Address; 20] = [
    address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    address!("70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
    address!("90F79bf6EB2c4f870365E785982E1f101E93b906"),
    address!("15d34AAf54267DB7D7c367839AAf71A00a2C6A65"),
    address!("9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
    address!("976EA74026E726554dB657fA54763abd0C3a0aa9"),
    address!("14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
    address!("23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"),
    address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720"),
    address!("Bcd4042DE499D14e55001CcbB24a551F3b954096"),
    address!("71bE63f3384f5fb98995898A86B02Fb2426c5788"),
    address!("FABB0ac9d68B0B445fB7357272Ff202C5651694a"),
    address!("1CBd3b2770909D4e10f157cABC84C7264073C9Ec"),
    address!("dF3e18d64BC6A983f673Ab319CCaE4f1a57C7097"),
    address!("cd3B766CCDd6AE721141F452C550Ca635964ce71"),
    address!("2546BcD3c84621e976D8185a91A922aE77ECEc30"),
    address!("bDA5747bFD65F08deb54cb465eB87D40e51B197E"),
    address!("dD2FD4581271e230360230F9337D5c0430Bf44C0"),
    address!("8626f6940E2eb28930eFb4CeF49B2d1F2C9C1199"),
];

/// Whether `address` belongs to a public test key and `chain_id` is a chain on which such a key may do nothing.
pub fn is_refused(address: Address, chain_id: u64) -> bool {
    PUBLIC_CHAINS.contains(&chain_id) && WELL_KNOWN.contains(&address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_keys_are_refused_on_public_chains_only() {
        for address in WELL_KNOWN {
            assert!(is_refused(address, 56) && is_refused(address, 97));
            assert!(!is_refused(address, 31_337));
        }
        assert!(!is_refused(Address::repeat_byte(7), 56));
    }
}
