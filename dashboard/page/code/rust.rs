use cdp_batch::{Client, Options};
use uuid::uuid;

fn main() -> cdp_batch::Result<()> {
    // Reads CDP_REGION or CDP_BASE_URL, CDP_CLIENT_KEY and CDP_API_TOKEN.
    let client = Client::from_env(Options::default())?;
    let batch = client.batch(uuid!("00000000-0000-0000-0000-000000000000"));
    println!("{:?}", batch.status().join()?);
    for reject in batch.errors().join()?.iter() {
        let reject = reject?;
        println!("{:?} {} {}", reject.record_ref, reject.code, reject.message);
    }
    Ok(())
}
