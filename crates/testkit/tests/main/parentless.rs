//! A parent that dies without a word takes its servers with it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use banyan_testkit::anvil::{self, Anvil};
use banyan_testkit::postgres::{self, Postgres};
use banyan_testkit::redis::Redis;

/// Runs in a process of its own, which the test below kills.
#[test]
#[ignore = "a part of the next test, which runs it as a child and kills it"]
fn the_parent_that_will_be_killed() {
    let postgres = Postgres::start(postgres::Options { own: true, ..postgres::Options::default() }).unwrap();
    let redis = Redis::start().unwrap();
    let mut anvil = Anvil::start(&anvil::Options::default()).unwrap();
    let folder = postgres.log_file().unwrap().parent().unwrap();
    println!("\nserver {} {} {}", postgres.id().unwrap(), postgres.url(), folder.display());
    println!("server {} {} -", redis.id().unwrap(), redis.url());
    println!("server {} {} -", anvil.process().id(), anvil.url());
    println!("ready");
    std::thread::sleep(Duration::from_secs(600));
}

struct Server {
    id: String,
    address: String,
    folder: String,
}

/// From `server <process> <url> <folder>`.
fn parse(line: &str) -> Option<Server> {
    let mut words = line.strip_prefix("server ")?.split(' ');
    let (id, url, folder) = (words.next()?, words.next()?, words.next()?);
    let host = url.split("://").nth(1)?.split('/').next()?;
    let address = host.rsplit('@').next()?.to_owned();
    Some(Server { id: id.to_owned(), address, folder: folder.to_owned() })
}

fn is_gone(server: &Server) -> bool {
    !Path::new("/proc").join(&server.id).exists()
        && TcpStream::connect(&server.address).is_err()
        && !Path::new(&server.folder).is_dir()
}

#[test]
fn servers_and_their_folders_are_gone_after_the_parent_was_killed() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "parentless::the_parent_that_will_be_killed"])
        .env_remove("REDIS_URL")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines().map(Result::unwrap);
    let servers: Vec<Server> =
        lines.take_while(|line| line != "ready").filter_map(|line| parse(&line)).collect();
    assert_eq!(servers.len(), 3, "the parent did not start its three servers");
    for server in &servers {
        TcpStream::connect(&server.address).unwrap();
    }
    parent.kill().unwrap();
    parent.wait().unwrap();
    let killed = Instant::now();
    for server in &servers {
        while !is_gone(server) {
            assert!(killed.elapsed() < Duration::from_secs(20), "{} is still there", server.address);
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
