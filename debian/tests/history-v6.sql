-- SPDX-License-Identifier: MIT
--
-- A database of version 6, the one before contexts and details were kept once: one user with invented plays of
-- the fake Spotify (seed 1), no sign-in. debian/tests/recorder has it brought up to date.
PRAGMA page_size = 4096;
PRAGMA application_id = 1397770308;
PRAGMA journal_mode = WAL;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE users (
  user_id          INTEGER PRIMARY KEY,   -- number of the user in this file
  spotify_id       TEXT NOT NULL UNIQUE,  -- name of the account at Spotify
  account_id       TEXT UNIQUE,           -- stable id of the account, NULL: not told
  display_name     TEXT,                  -- as the person calls themselves, NULL: not told
  state            TEXT NOT NULL          -- is this user recorded?
                   DEFAULT 'active' CHECK (state IN ('active', 'needs_login', 'paused')),
  state_reason     TEXT,                  -- why not, for people
  state_since      INTEGER NOT NULL,      -- when the state was entered
  added_at         INTEGER NOT NULL,      -- when the user was added
  authorized_at    INTEGER,               -- last sign-in; it is good for six months
  last_success_at  INTEGER,               -- when Spotify last answered for this user
  first_sweep_at   INTEGER,               -- first look at all Spotify shows, NULL: none yet
  anchor_played_at INTEGER                -- the record is joined up to here, NULL: nowhere
, refused_at INTEGER /* when Spotify refused the sign-in, NULL: it did not */, retries INTEGER NOT NULL DEFAULT 0 /* times it is still to be tried again, because the refusal looks false */, countdown INTEGER CHECK (countdown IN (30, 7, 1)) /* last warning of the end of the sign-in, in days before it, NULL: none */, client_id TEXT /* client id of the app that the sign-in belongs to, NULL: not told */) STRICT;
INSERT INTO users VALUES(1,'bextor01','aB2964646d3066c028','Bextor','active',NULL,1795459841029,1795459841029,NULL,1795459841135,1795459841131,1795459722938,NULL,0,NULL,'sim-client-id');
CREATE TABLE tokens (
  user_id    INTEGER NOT NULL      -- whose it is
             REFERENCES users ON DELETE CASCADE,
  type       TEXT NOT NULL         -- which of the two
             CHECK (type IN ('access', 'refresh')),
  sealed     BLOB NOT NULL,        -- the token, encrypted; the key is not in this file
  scope      TEXT,                 -- what it allows, as Spotify said
  expires_at INTEGER,              -- when it ends, NULL: not told
  updated_at INTEGER NOT NULL,     -- when it was stored
  PRIMARY KEY (user_id, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE refreshes (
  user_id     INTEGER PRIMARY KEY  -- whose token
              REFERENCES users ON DELETE CASCADE,
  started_at  INTEGER NOT NULL,    -- when the last refresh began, stored before it
  finished_at INTEGER,             -- when it ended, NULL: under way, or cut off by a crash
  outcome     TEXT                 -- 'ok' or a short word, NULL: as above
) STRICT;
INSERT INTO refreshes VALUES(1,1795459841030,1795459841030,'ok');
CREATE TABLE albums (
  album_id     INTEGER PRIMARY KEY,  -- number of the album in this file
  uri          TEXT NOT NULL UNIQUE, -- spotify:album:ID, spotify:show:ID; else historyd:...
  name         TEXT NOT NULL,        -- title, empty: not told
  album_type   TEXT,                 -- album, single, compilation ...
  release_date TEXT,                 -- YYYY, YYYY-MM or YYYY-MM-DD
  cover_url    TEXT,                 -- address of the cover picture
  total_tracks INTEGER,              -- how many tracks it has
  updated_at   INTEGER NOT NULL      -- when this row last changed
) STRICT;
INSERT INTO albums VALUES(1,'spotify:album:lpX9lFNHKBMMHOJJJb0C0b','Joveymar Ithlumo','compilation','2022-09-07','https://i.scdn.co/image/ab0640lpX9lFNHKBMMHOJJJb0C0b',12,1795459841135);
INSERT INTO albums VALUES(2,'spotify:album:MB5VUnabRIKoVNPqHIyv04','Tanny Kelves Thothodro','album','1966-12-19','https://i.scdn.co/image/ab0640MB5VUnabRIKoVNPqHIyv04',12,1795459841135);
INSERT INTO albums VALUES(3,'spotify:album:4TayOm6Hq8ul8HWXck62e3','Ithwexjo Kelves','album','1976-11-27','https://i.scdn.co/image/ab06404TayOm6Hq8ul8HWXck62e3',12,1795459841135);
INSERT INTO albums VALUES(4,'spotify:album:bhuOPE8yHhWwNitVRGj1cj','Huor','album','2016','https://i.scdn.co/image/ab0640bhuOPE8yHhWwNitVRGj1cj',12,1795459841135);
INSERT INTO albums VALUES(5,'spotify:album:dZDjI24qwHrTaFG7WxFPab','Zanki','album','1994-06-24','https://i.scdn.co/image/ab0640dZDjI24qwHrTaFG7WxFPab',12,1795459841135);
INSERT INTO albums VALUES(6,'spotify:album:QNu9Cg1yM4aoInpIRa4wj0','Shiveyul Shiru','album','1979-10-08','https://i.scdn.co/image/ab0640QNu9Cg1yM4aoInpIRa4wj0',12,1795459841135);
INSERT INTO albums VALUES(7,'spotify:album:ZQ7Ga43Jcwm7QGnkyJ9V7e','Quaul Linmar','single','2009-11-14','https://i.scdn.co/image/ab0640ZQ7Ga43Jcwm7QGnkyJ9V7e',12,1795459841135);
INSERT INTO albums VALUES(8,'spotify:album:JFdjWy3k7eI4q8QPlahPel','Runyves Tankiqua Rura','compilation','1983-11-17','https://i.scdn.co/image/ab0640JFdjWy3k7eI4q8QPlahPel',12,1795459841135);
INSERT INTO albums VALUES(9,'spotify:album:Tofpu3Lo7O9a2OxKfEkCea','Kelwextho Fennydro','album','2002-08','https://i.scdn.co/image/ab0640Tofpu3Lo7O9a2OxKfEkCea',12,1795459841135);
INSERT INTO albums VALUES(10,'spotify:album:1pEejNEzRnQcBq1olCiC4j','Kelkior','album','2017-12-09','https://i.scdn.co/image/ab06401pEejNEzRnQcBq1olCiC4j',12,1795459841135);
INSERT INTO albums VALUES(11,'spotify:album:BlVoXAakc9Swu31mgrvHaj','Ithru Hudrovey','album','2009-09-14','https://i.scdn.co/image/ab0640BlVoXAakc9Swu31mgrvHaj',12,1795459841135);
INSERT INTO albums VALUES(12,'spotify:album:V8X7zEtHqeWNCzdF5k1d03','Vesrumar Nyylbel','album','1993-09-10','https://i.scdn.co/image/ab0640V8X7zEtHqeWNCzdF5k1d03',12,1795459841135);
INSERT INTO albums VALUES(13,'spotify:album:q05Dquaoe06VOQS1x30Elc','Marylshi Nylujo','single','1983-08-03','https://i.scdn.co/image/ab0640q05Dquaoe06VOQS1x30Elc',12,1795459841135);
INSERT INTO albums VALUES(14,'spotify:album:xLkU3Xo4BPnsfVmJMsXKj0','Vesfen','single','1960-10-03','https://i.scdn.co/image/ab0640xLkU3Xo4BPnsfVmJMsXKj0',12,1795459841135);
INSERT INTO albums VALUES(15,'spotify:album:fnmM1rvbFwjvtAIXgaBtb4','Belgalzan Belkel','album','1961','https://i.scdn.co/image/ab0640fnmM1rvbFwjvtAIXgaBtb4',12,1795459841135);
INSERT INTO albums VALUES(16,'spotify:album:gMWMRh7daRxjEPeWZ0z19k','Linshishi Quamaryl','compilation','2003-02-07','https://i.scdn.co/image/ab0640gMWMRh7daRxjEPeWZ0z19k',12,1795459841135);
INSERT INTO albums VALUES(17,'spotify:album:4cgwiKSWC04ZPgdp9OoR95','Thoorves Hukelru','compilation','2005-04-06','https://i.scdn.co/image/ab06404cgwiKSWC04ZPgdp9OoR95',12,1795459841135);
INSERT INTO albums VALUES(18,'spotify:album:J8YqYIuodmfvUXxbRKpd27','Veywexves','compilation','1974-07-17','https://i.scdn.co/image/ab0640J8YqYIuodmfvUXxbRKpd27',12,1795459841135);
INSERT INTO albums VALUES(19,'spotify:album:gGgO0bbuzm9p1QsZQyUUjd','Radro Nyfenwex','album','1981','https://i.scdn.co/image/ab0640gGgO0bbuzm9p1QsZQyUUjd',12,1795459841135);
INSERT INTO albums VALUES(20,'spotify:album:SBPx8m39lr8dPhudX78Fj3',replace('tab	here, line\nthere Marveszan Nyyl','\n',char(10)),'album','1961-07-15','https://i.scdn.co/image/ab0640SBPx8m39lr8dPhudX78Fj3',12,1795459841135);
INSERT INTO albums VALUES(21,'spotify:album:85DEEEWsJUthcuHsE7mGa2','Osnorves Ratandro Pelfennor','single','1989','https://i.scdn.co/image/ab064085DEEEWsJUthcuHsE7mGa2',12,1795459841135);
INSERT INTO albums VALUES(22,'spotify:album:wP15EcuBwyC06RmLnc541i','Zaneth Quaquabel Thoveski','single','1985-06-01','https://i.scdn.co/image/ab0640wP15EcuBwyC06RmLnc541i',12,1795459841135);
INSERT INTO albums VALUES(23,'spotify:album:ErjZisGbZL5QXD7sWkHtii','Jonortho','compilation','2020-12-25','https://i.scdn.co/image/ab0640ErjZisGbZL5QXD7sWkHtii',12,1795459841135);
INSERT INTO albums VALUES(24,'spotify:album:YIhAYQHUu8DpwhpbGcohgi','Shihuyl Oslinki Thotan','compilation','1967-01-28','https://i.scdn.co/image/ab0640YIhAYQHUu8DpwhpbGcohgi',12,1795459841135);
INSERT INTO albums VALUES(25,'spotify:album:cXPcGEEBkQ4HiYQrPe0E6j','Normarnor Osul Belny','compilation','1972-02-09','https://i.scdn.co/image/ab0640cXPcGEEBkQ4HiYQrPe0E6j',12,1795459841135);
INSERT INTO albums VALUES(26,'spotify:album:mIbEx8UsYNpfVPNTMUQ0he','Yldrofen Martan Ethsarfen','album','1968-01-27','https://i.scdn.co/image/ab0640mIbEx8UsYNpfVPNTMUQ0he',12,1795459841135);
INSERT INTO albums VALUES(27,'spotify:album:6kHj399u4uIkMXczvBD07f','Ylny','single','2018-01-03','https://i.scdn.co/image/ab06406kHj399u4uIkMXczvBD07f',12,1795459841135);
INSERT INTO albums VALUES(28,'spotify:album:TRF14np6e6dzAs050lQx3a','Kelylith','album','2003-10-25','https://i.scdn.co/image/ab0640TRF14np6e6dzAs050lQx3a',12,1795459841135);
INSERT INTO albums VALUES(29,'spotify:album:1ANgfVGtiwmC1oNHj6LRc3','Belethpel','compilation','1958-04-16','https://i.scdn.co/image/ab06401ANgfVGtiwmC1oNHj6LRc3',12,1795459841135);
INSERT INTO albums VALUES(30,'spotify:album:S73IcurdFOBhNRsH451x17','Zandro Belzanyl Luorves','album','1978','https://i.scdn.co/image/ab0640S73IcurdFOBhNRsH451x17',12,1795459841135);
INSERT INTO albums VALUES(31,'spotify:album:DnFoX8YHOZYWxrWYNX7Ha6','Norkinor','album','1963-01-22','https://i.scdn.co/image/ab0640DnFoX8YHOZYWxrWYNX7Ha6',12,1795459841135);
INSERT INTO albums VALUES(32,'spotify:album:lKMhRR4q4xxR2Hx456Fj2k','Kelmar Lutankel Eththoqua','album','2014-07-22','https://i.scdn.co/image/ab0640lKMhRR4q4xxR2Hx456Fj2k',12,1795459841135);
INSERT INTO albums VALUES(33,'spotify:album:5v9bOIeSWcgSVw6ts6my6i','Galveyyl','album','1979-02-19','https://i.scdn.co/image/ab06405v9bOIeSWcgSVw6ts6my6i',12,1795459841135);
INSERT INTO albums VALUES(34,'spotify:album:zqHFfKqrG5NX4hDdWzKCi1','Sarratan Joshitho','album','2015-08-08','https://i.scdn.co/image/ab0640zqHFfKqrG5NX4hDdWzKCi1',12,1795459841135);
INSERT INTO albums VALUES(35,'spotify:album:fvkrt8sETDZBTBoHYWpEkc','Ruki','album','1961-03-21','https://i.scdn.co/image/ab0640fvkrt8sETDZBTBoHYWpEkc',12,1795459841135);
INSERT INTO albums VALUES(36,'spotify:album:mVABZNxrRJTum2Gmm24Jjf','Veyru Rulunor','album','2013-08-08','https://i.scdn.co/image/ab0640mVABZNxrRJTum2Gmm24Jjf',12,1795459841135);
INSERT INTO albums VALUES(37,'spotify:album:Bb0bmwfalw7wSpwZ4zJyc0','Norbel Luhushi','album','1967-05-06','https://i.scdn.co/image/ab0640Bb0bmwfalw7wSpwZ4zJyc0',12,1795459841135);
INSERT INTO albums VALUES(38,'spotify:album:dpbF7d4xbr8MLJNioc6Mld','Marbel','album','1986-11-11','https://i.scdn.co/image/ab0640dpbF7d4xbr8MLJNioc6Mld',12,1795459841135);
INSERT INTO albums VALUES(39,'spotify:album:ZkM8QcbCjxpDq8w5lfQ329','Osjo','album','2004-01-14','https://i.scdn.co/image/ab0640ZkM8QcbCjxpDq8w5lfQ329',12,1795459841135);
INSERT INTO albums VALUES(40,'spotify:album:0fqNSvd7RNkMUSzLWW8j0l','Marjo Ulhu','album','1963-12-18','https://i.scdn.co/image/ab06400fqNSvd7RNkMUSzLWW8j0l',12,1795459841135);
CREATE TABLE artists (
  artist_id  INTEGER PRIMARY KEY,  -- number of the artist in this file
  uri        TEXT NOT NULL UNIQUE, -- spotify:artist:ID; else historyd:artist:NAME
  name       TEXT NOT NULL,        -- empty: not told
  updated_at INTEGER NOT NULL      -- when this row last changed
) STRICT;
INSERT INTO artists VALUES(1,'spotify:artist:IlcSTqS3fY4x5DbrPO7vc2','Ethshi',1795459841135);
INSERT INTO artists VALUES(2,'spotify:artist:CQLb8eZme7glzjc1zKj0i5','Rusar Galqua',1795459841135);
INSERT INTO artists VALUES(3,'spotify:artist:1g5NEVC9FEsAOzWlpR9zl6','Belshi Thoylvey',1795459841135);
INSERT INTO artists VALUES(4,'spotify:artist:OFnOmCnOk2A4jfNaQgIh1e','Pelnyor Ulbel',1795459841135);
INSERT INTO artists VALUES(5,'spotify:artist:IzS9N6NgOuM96iK8ENwDi3','Osethves Fenthojo & the Ithsarshi',1795459841135);
INSERT INTO artists VALUES(6,'spotify:artist:6qrdpKrSv5McVN5mhyJbh7','Pelra Nyshi & the Fenshigal',1795459841135);
INSERT INTO artists VALUES(7,'spotify:artist:XUQpONVpJP4h06vyYJ53h6','Jony',1795459841135);
INSERT INTO artists VALUES(8,'spotify:artist:3hm9YuyfutQjLuAmvz5Ek0','Veyjoshi & the Razan',1795459841135);
INSERT INTO artists VALUES(9,'spotify:artist:0BA79IrAoNAnP7oQ0uKk1k','Ethgaleth',1795459841135);
INSERT INTO artists VALUES(10,'spotify:artist:Eq3ovgGHHLP8twYzvnyoe8','Kilu',1795459841135);
INSERT INTO artists VALUES(11,'spotify:artist:EUcGNeL5KPgTBWNteqrV5g','Kiluny Zannor',1795459841135);
INSERT INTO artists VALUES(12,'spotify:artist:1Bm82sDlhiAWzwNsL5it4a','Veymar Moortan & the Wexveyith',1795459841135);
INSERT INTO artists VALUES(13,'spotify:artist:F8YF6kHKkVPAXDBrKfRk23','Orzantho Pelhueth & the Tanulqua',1795459841135);
INSERT INTO artists VALUES(14,'spotify:artist:JgRIpXovaRdJNEEosZfP1l','Tankiki',1795459841135);
INSERT INTO artists VALUES(15,'spotify:artist:ns3FTIFzgxMAYWSTUQk6l0','Linfensar Galtho',1795459841135);
INSERT INTO artists VALUES(16,'spotify:artist:NCfJPkOsPLTX1p41nQySeg','‮drawkcab‬ Veyylfen Droeth',1795459841135);
INSERT INTO artists VALUES(17,'spotify:artist:v4Q7JkCed6H08pqpHkjEc7','Fenkelfen Vesvey',1795459841135);
INSERT INTO artists VALUES(18,'spotify:artist:RiMgwh4egA6KS91Hvla211','Norpelith Belylfen',1795459841135);
INSERT INTO artists VALUES(19,'spotify:artist:QCWnvlzYPUIXFllkdnBC0h','Ylsar Saros',1795459841135);
INSERT INTO artists VALUES(20,'spotify:artist:G2yEhLK7mfeZxWdevhUR6e','Pelhu Belny',1795459841135);
INSERT INTO artists VALUES(21,'spotify:artist:KgoEd7VEZWzGhU3IpL3pie','<script>alert(1)</script> Ulkel',1795459841135);
INSERT INTO artists VALUES(22,'spotify:artist:FSmGm4UBa07JNhO8Ur0Zb1','Monykel',1795459841135);
INSERT INTO artists VALUES(23,'spotify:artist:hVI24BsFZ2CdyolmzFEi9a','Shiqua Kelsar',1795459841135);
INSERT INTO artists VALUES(24,'spotify:artist:TDFolMqrgzBuJe5Ipqeb18','Linmarlin Beltan',1795459841135);
INSERT INTO artists VALUES(25,'spotify:artist:nF5UoIHAJZl9kYLx7G7942','Orlu',1795459841135);
INSERT INTO artists VALUES(26,'spotify:artist:OzHk6yXIPxboqgJAi06M4j','Linos Yltankel & the Wexqua',1795459841135);
INSERT INTO artists VALUES(27,'spotify:artist:XmgTcUTsXi9nQynaPyW74f','Keltan',1795459841135);
INSERT INTO artists VALUES(28,'spotify:artist:XjKbm8KeEnmY7HavftMnb3','Kidrobel Jokelzan',1795459841135);
INSERT INTO artists VALUES(29,'spotify:artist:rmjQmVSafUdoc7e46PQs54','Thowex & the Ithorfen',1795459841135);
INSERT INTO artists VALUES(30,'spotify:artist:m5Qrpeu6lc0Wp7fLGm68gd','Hugal Tanveyny',1795459841135);
INSERT INTO artists VALUES(31,'spotify:artist:xEvlHC4JdPX20LX1sA68k7','Tannysar',1795459841135);
INSERT INTO artists VALUES(32,'spotify:artist:OdCGnj6lAiB6WrP5Jkyr75','Moith Belkelhu',1795459841135);
INSERT INTO artists VALUES(33,'spotify:artist:rQ5uL8eeKP3ORQrx21CWdi','Galshi & the Marmo',1795459841135);
INSERT INTO artists VALUES(34,'spotify:artist:7QrBizUzNL6w8rgbFnbkj3','Ulzanfen Nytan',1795459841135);
INSERT INTO artists VALUES(35,'spotify:artist:SQcZCNmpE2IorApV1lpOge','Galithki Zanith',1795459841135);
INSERT INTO artists VALUES(36,'spotify:artist:cGsnYd53SVe89CjTjO7H69','Nyeth & the Orveyqua',1795459841135);
INSERT INTO artists VALUES(37,'spotify:artist:9Dbti6k29kaQd6iERnbOl0','Rusarul',1795459841135);
INSERT INTO artists VALUES(38,'spotify:artist:bw5hmTYU3aIBdM0rFvYp26','Moquaves Kinoror',1795459841135);
INSERT INTO artists VALUES(39,'spotify:artist:PS8J45wDJ43DVUADLjOo03','Veyosshi Sarnorpel',1795459841135);
INSERT INTO artists VALUES(40,'spotify:artist:kid1VRAcP0eGR1bSFb4Hc9','Tankel Lusarsar',1795459841135);
INSERT INTO artists VALUES(41,'spotify:artist:KyI0t6zFw10rS2OzYsQcc4','Drobel Marfenwex',1795459841135);
INSERT INTO artists VALUES(42,'spotify:artist:95Xu36N4kxaMUGtLSDYZ0e','Ithves',1795459841135);
INSERT INTO artists VALUES(43,'spotify:artist:Ts3Lbc9Vt8PbwN9lDHQohd','Ylosbel Tanylqua & the Tankipel',1795459841135);
INSERT INTO artists VALUES(44,'spotify:artist:qvmf7CxfTKvbfQz2Nz9Wf4','Huqua & the Wextanqua',1795459841135);
INSERT INTO artists VALUES(45,'spotify:artist:jaRsRLeywcl2IaEYWkGhgl','Lupel',1795459841135);
INSERT INTO artists VALUES(46,'spotify:artist:J9pzqoALG4kBYcHf8VVKk6','Fenylgal',1795459841135);
INSERT INTO artists VALUES(47,'spotify:artist:aChEkswDKdflQWrPvVBe8l','Kelfenru Norbelpel',1795459841135);
INSERT INTO artists VALUES(48,'spotify:artist:saxJCt3VZfZYKjq6rzpzde','%s%n {{x}} ${y} ''; DROP TABLE plays;-- Kiwexki & the Thoru',1795459841135);
INSERT INTO artists VALUES(49,'spotify:artist:nLrQO7HnCN7xkoEDNYkOcd','Belki Iththo',1795459841135);
INSERT INTO artists VALUES(50,'spotify:artist:AKAJVhcSuzu1jlzFWHDj46','Kelfen & the Luny',1795459841135);
INSERT INTO artists VALUES(51,'spotify:artist:bsRmoh119Xwf2cNgsM29ec','Yloslu & the Oryl',1795459841135);
INSERT INTO artists VALUES(52,'spotify:artist:Ek0qB9FvyZAJbGZGCBSCbh','Ylshi Ospelki & the Linlulu',1795459841135);
INSERT INTO artists VALUES(53,'spotify:artist:mMT5dQTBW3rP93Ovw0A933','Jokel Kinyny',1795459841135);
INSERT INTO artists VALUES(54,'spotify:artist:cp4BOvXohPg5mgGv7M1C8i','نور المرا Sarsarmar',1795459841135);
INSERT INTO artists VALUES(55,'spotify:artist:iPGkfRvBP6gg6YcfKtJfe4','Mobeltan',1795459841135);
INSERT INTO artists VALUES(56,'spotify:artist:P4iyVCq7GoJYvtSeIUw25l','Nytansar Orzan',1795459841135);
INSERT INTO artists VALUES(57,'spotify:artist:f4aOkpvmWyqnEFOQ15Z76c','Tanra',1795459841135);
INSERT INTO artists VALUES(58,'spotify:artist:0Xs0pgCvIHu5rhdZUJfG7i','Ylylith Morafen',1795459841135);
CREATE TABLE tracks (
  track_id     INTEGER PRIMARY KEY,  -- number of the track in this file
  uri          TEXT NOT NULL UNIQUE, -- spotify:track:ID, spotify:local:...
  kind         TEXT NOT NULL         -- what it is
               CHECK (kind IN ('track', 'episode', 'chapter', 'local')),
  name         TEXT NOT NULL,        -- title, empty: not told
  isrc         TEXT,                 -- International Standard Recording Code
  duration_ms  INTEGER,              -- length of the whole track
  track_number INTEGER,              -- place on its disc, from 1
  disc_number  INTEGER,              -- disc of the album, from 1
  explicit     INTEGER               -- marked as having explicit lyrics
               CHECK (explicit IN (0, 1)),
  album_id     INTEGER               -- album or show, NULL: none known
               REFERENCES albums,
  updated_at   INTEGER NOT NULL      -- when this row last changed
) STRICT;
INSERT INTO tracks VALUES(1,'spotify:track:sQnJe5o1iRqXa6JhZ8Ytej','track','Jomo Nymarbel Ethulos','XXGTA7815173',150082,6,1,0,1,1795459841135);
INSERT INTO tracks VALUES(2,'spotify:track:ck4nQi8daPR8CnWXU5kP8d','track','Orosvey Linsarki Normar Pelnorshi','XXDNP1509124',214023,5,1,0,2,1795459841135);
INSERT INTO tracks VALUES(3,'spotify:track:kCNpunoRjB5TA7pCpPAb21','track','Fenlinves Tanmoshi','XXRUS9118172',251650,5,1,0,3,1795459841135);
INSERT INTO tracks VALUES(4,'spotify:track:BSQSdcAqvo5omsBOc2EX89','track','نور المرا Zankigal','XXZWE6918393',104867,10,1,0,4,1795459841135);
INSERT INTO tracks VALUES(5,'spotify:track:nzqKx4EBd9TlGRKGyaLZ8d','track','Wexlin Pelos Eththonor Huqua','XXWZC8005812',177545,5,1,0,5,1795459841135);
INSERT INTO tracks VALUES(6,'spotify:track:LN97Q2p1KhHe6zn63niDe8','track','Runy Iththo Hushiith Linethos','XXEAW7217588',152483,9,1,0,6,1795459841135);
INSERT INTO tracks VALUES(7,'spotify:track:JAfleP1LW1r7lBSoYIAq76','track','Yllinlu Shimo','XXLDA4018661',121227,2,1,0,7,1795459841135);
INSERT INTO tracks VALUES(8,'spotify:track:JZXMGtH6d8OgOT5pxwAIae','track','Razanra','XXLQC4603080',105952,9,1,0,8,1795459841135);
INSERT INTO tracks VALUES(9,'spotify:track:i8UaZBOwJQJbEUtHZEOi10','track','Nornynor','XXHFM0008895',260065,4,1,0,9,1795459841135);
INSERT INTO tracks VALUES(10,'spotify:track:AQ1rr5Y6wkWXvspQr9Oide','track','Tholin','XXYTV3411110',115638,11,1,0,10,1795459841135);
INSERT INTO tracks VALUES(11,'spotify:track:g2vDrOQWf2CWU38bmIADcb','track','- Dromo Moithvey','XXKIV5312893',190093,6,1,0,11,1795459841135);
INSERT INTO tracks VALUES(12,'spotify:track:qvHp14X9NCM3byEMYFDXa8','track','Thomo Thovesbel Rugalnor Tanlu','XXMDW7012464',312960,9,1,0,12,1795459841135);
INSERT INTO tracks VALUES(13,'spotify:track:NHuGERmBfvUZ90GwLq4t40','track','Nythonor Tanor','XXXDA7700323',292379,12,1,0,13,1795459841135);
INSERT INTO tracks VALUES(14,'spotify:track:KYJuIgontE59cKdM1RQS4j','track','Ithulru','XXFXR9416398',112071,7,1,0,14,1795459841135);
INSERT INTO tracks VALUES(15,'spotify:track:jaVaHFe8ZJhwiIlcBVQehg','track','Veyor','XXWJF9508243',93012,12,1,0,15,1795459841135);
INSERT INTO tracks VALUES(16,'spotify:track:DjzCcGutjiChDeh6rcju76','track','Huithsar','XXZIO7604657',87331,2,1,0,16,1795459841135);
INSERT INTO tracks VALUES(17,'spotify:track:QrMsI5KGdfaOYcob4f5gjl','track','Sarnylin Huny Tangal','XXPTU0113156',184968,5,1,0,17,1795459841135);
INSERT INTO tracks VALUES(18,'spotify:track:cMdYxB7pequwhix0NSVMf4','track','Jotan Ulmarra Ethpel','XXCLK4609321',284360,10,1,0,18,1795459841135);
INSERT INTO tracks VALUES(19,'spotify:track:NTV54GgSOv37jkNEfWvPeg','track','Лумора Вест Quaithki Kibel Pelquabel','XXZYY5307283',285225,12,1,0,19,1795459841135);
INSERT INTO tracks VALUES(20,'spotify:track:ReHhBFW8k6HRGSFe2VSDed','track','Tanbel','XXQRL0518091',135103,8,1,0,20,1795459841135);
INSERT INTO tracks VALUES(21,'spotify:track:ajdnRqKDJVGbmA9EbBJCfj','track','Pelki Marves Kelramo','XXEJJ2008225',181772,6,1,0,21,1795459841135);
INSERT INTO tracks VALUES(22,'spotify:track:MnYwJmMBmWdd1de4tmuT94','track','Kirashi','XXXMI8808107',248970,8,1,0,22,1795459841135);
INSERT INTO tracks VALUES(23,'spotify:track:fY0ttzWJaIUpMiU1IDsrla','track','Kellu Moyl Tankior','XXIKS7702863',320288,8,1,0,23,1795459841135);
INSERT INTO tracks VALUES(24,'spotify:track:zVlSUHRBkpUlZT1qlDT97a','track','Veyul Wexny','XXETO3106738',293657,7,1,0,24,1795459841135);
INSERT INTO tracks VALUES(25,'spotify:track:ASUGfZZD0Cr42yK96JDzcb','track','Veszan Shira','XXMXH6404220',280244,9,1,0,25,1795459841135);
INSERT INTO tracks VALUES(26,'spotify:track:yf68qdNg4bpIUFPJ2WYk38','track','Moethqua Norves Marmarmar','XXFWU0502147',195064,12,1,0,26,1795459841135);
INSERT INTO tracks VALUES(27,'spotify:track:PwYNMwblkeXPXhL6HbDKbb','track','Vesrumar Ethjotho','XXBAH2317275',358229,8,1,0,27,1795459841135);
INSERT INTO tracks VALUES(28,'spotify:track:rtJdefa0BMXxy3fw6w0A2k','track','Joruos Ruylnor Joith','XXPJE3213965',315329,10,1,0,28,1795459841135);
INSERT INTO tracks VALUES(29,'spotify:track:Gwm7IhNVHEwHrV45WkkHe2','track','Marshi Galgalpel Ramo','XXEWZ9300003',115188,4,1,0,29,1795459841135);
INSERT INTO tracks VALUES(30,'spotify:track:psA1T9u29pqAJ80cVUB7eh','track','Raraith Ithdroqua Thora Bellin','XXBXJ0302622',322054,7,1,1,30,1795459841135);
INSERT INTO tracks VALUES(31,'spotify:track:qn4OeNv7qEeDnvQMSEfRfl','track','Rulinor Rumar Ulbelmar','XXTKF8711086',284028,11,1,0,31,1795459841135);
INSERT INTO tracks VALUES(32,'spotify:track:FXossVdkLAPJxNzZGSPo26','track','Jozanlin','XXLKV6015272',140557,9,1,0,32,1795459841135);
INSERT INTO tracks VALUES(33,'spotify:track:XHg9cLt1xASHN9qgOHPUb6','track','Osgalbel Oslinra Zandro','XXNRV5513285',304766,2,1,0,33,1795459841135);
INSERT INTO tracks VALUES(34,'spotify:track:NVx8nGEmAxmzitLWAJAZ12','track','Osor Orlu Ylgal','XXKOB3510465',283789,2,1,0,34,1795459841135);
INSERT INTO tracks VALUES(35,'spotify:track:bQQDy2q64sZpPTRL1ZtTl7','track','Kelor','XXQXR0609977',95247,6,1,0,35,1795459841135);
INSERT INTO tracks VALUES(36,'spotify:track:HV07MAkrBRcGcTbnlUyl5h','track','Linvesny Shinor Shiqua','XXDRP5309612',90004,1,1,0,36,1795459841135);
INSERT INTO tracks VALUES(37,'spotify:track:plmNN1ynUmWZNXd3ZqmS58','track','Drodrodro','XXHFW1617152',312456,5,1,0,37,1795459841135);
INSERT INTO tracks VALUES(38,'spotify:track:J7s97FoWFBwylwUUl4bshd','track','Mogaljo Zandro Tanethves Zannybel','XXXXN2019612',61830,5,1,0,38,1795459841135);
INSERT INTO tracks VALUES(39,'spotify:track:5iPdq6UltDuZ6SILEfsfij','track','Fenvey','XXAVQ7414605',237499,2,1,0,39,1795459841135);
INSERT INTO tracks VALUES(40,'spotify:track:shlNdUldsWJrxWJLovGccc','track','Veygal Nynywex Osfen','XXANK9310964',349587,9,1,0,40,1795459841135);
CREATE TABLE track_artists (
  track_id  INTEGER NOT NULL   -- which track
            REFERENCES tracks ON DELETE CASCADE,
  position  INTEGER NOT NULL,  -- order in which they are named, from 0
  artist_id INTEGER NOT NULL   -- who
            REFERENCES artists,
  PRIMARY KEY (track_id, position),
  UNIQUE (artist_id, track_id)
) STRICT, WITHOUT ROWID;
INSERT INTO track_artists VALUES(1,0,2);
INSERT INTO track_artists VALUES(1,1,3);
INSERT INTO track_artists VALUES(2,0,4);
INSERT INTO track_artists VALUES(2,1,5);
INSERT INTO track_artists VALUES(3,0,6);
INSERT INTO track_artists VALUES(4,0,7);
INSERT INTO track_artists VALUES(5,0,8);
INSERT INTO track_artists VALUES(5,1,9);
INSERT INTO track_artists VALUES(6,0,10);
INSERT INTO track_artists VALUES(7,0,11);
INSERT INTO track_artists VALUES(8,0,13);
INSERT INTO track_artists VALUES(9,0,14);
INSERT INTO track_artists VALUES(10,0,15);
INSERT INTO track_artists VALUES(11,0,16);
INSERT INTO track_artists VALUES(12,0,17);
INSERT INTO track_artists VALUES(12,1,18);
INSERT INTO track_artists VALUES(13,0,19);
INSERT INTO track_artists VALUES(13,1,20);
INSERT INTO track_artists VALUES(14,0,21);
INSERT INTO track_artists VALUES(15,0,22);
INSERT INTO track_artists VALUES(16,0,24);
INSERT INTO track_artists VALUES(17,0,26);
INSERT INTO track_artists VALUES(18,0,28);
INSERT INTO track_artists VALUES(19,0,29);
INSERT INTO track_artists VALUES(20,0,30);
INSERT INTO track_artists VALUES(21,0,22);
INSERT INTO track_artists VALUES(22,0,31);
INSERT INTO track_artists VALUES(23,0,33);
INSERT INTO track_artists VALUES(24,0,35);
INSERT INTO track_artists VALUES(25,0,37);
INSERT INTO track_artists VALUES(26,0,38);
INSERT INTO track_artists VALUES(27,0,39);
INSERT INTO track_artists VALUES(28,0,40);
INSERT INTO track_artists VALUES(29,0,42);
INSERT INTO track_artists VALUES(30,0,43);
INSERT INTO track_artists VALUES(30,1,44);
INSERT INTO track_artists VALUES(30,2,45);
INSERT INTO track_artists VALUES(31,0,46);
INSERT INTO track_artists VALUES(32,0,47);
INSERT INTO track_artists VALUES(32,1,48);
INSERT INTO track_artists VALUES(33,0,49);
INSERT INTO track_artists VALUES(34,0,50);
INSERT INTO track_artists VALUES(34,1,51);
INSERT INTO track_artists VALUES(35,0,52);
INSERT INTO track_artists VALUES(36,0,53);
INSERT INTO track_artists VALUES(37,0,54);
INSERT INTO track_artists VALUES(38,0,55);
INSERT INTO track_artists VALUES(39,0,56);
INSERT INTO track_artists VALUES(39,1,57);
INSERT INTO track_artists VALUES(40,0,58);
CREATE TABLE album_artists (
  album_id  INTEGER NOT NULL   -- which album
            REFERENCES albums ON DELETE CASCADE,
  position  INTEGER NOT NULL,  -- order in which they are named, from 0
  artist_id INTEGER NOT NULL   -- who
            REFERENCES artists,
  PRIMARY KEY (album_id, position),
  UNIQUE (artist_id, album_id)
) STRICT, WITHOUT ROWID;
INSERT INTO album_artists VALUES(1,0,1);
INSERT INTO album_artists VALUES(2,0,4);
INSERT INTO album_artists VALUES(3,0,6);
INSERT INTO album_artists VALUES(4,0,7);
INSERT INTO album_artists VALUES(5,0,8);
INSERT INTO album_artists VALUES(6,0,10);
INSERT INTO album_artists VALUES(7,0,11);
INSERT INTO album_artists VALUES(8,0,12);
INSERT INTO album_artists VALUES(9,0,14);
INSERT INTO album_artists VALUES(10,0,15);
INSERT INTO album_artists VALUES(11,0,16);
INSERT INTO album_artists VALUES(12,0,17);
INSERT INTO album_artists VALUES(13,0,19);
INSERT INTO album_artists VALUES(14,0,21);
INSERT INTO album_artists VALUES(15,0,22);
INSERT INTO album_artists VALUES(16,0,23);
INSERT INTO album_artists VALUES(17,0,25);
INSERT INTO album_artists VALUES(18,0,27);
INSERT INTO album_artists VALUES(19,0,29);
INSERT INTO album_artists VALUES(20,0,30);
INSERT INTO album_artists VALUES(21,0,22);
INSERT INTO album_artists VALUES(22,0,31);
INSERT INTO album_artists VALUES(23,0,32);
INSERT INTO album_artists VALUES(24,0,34);
INSERT INTO album_artists VALUES(25,0,36);
INSERT INTO album_artists VALUES(26,0,38);
INSERT INTO album_artists VALUES(27,0,39);
INSERT INTO album_artists VALUES(28,0,40);
INSERT INTO album_artists VALUES(29,0,41);
INSERT INTO album_artists VALUES(30,0,43);
INSERT INTO album_artists VALUES(31,0,46);
INSERT INTO album_artists VALUES(32,0,47);
INSERT INTO album_artists VALUES(33,0,49);
INSERT INTO album_artists VALUES(34,0,50);
INSERT INTO album_artists VALUES(35,0,52);
INSERT INTO album_artists VALUES(36,0,53);
INSERT INTO album_artists VALUES(37,0,54);
INSERT INTO album_artists VALUES(38,0,55);
INSERT INTO album_artists VALUES(39,0,56);
INSERT INTO album_artists VALUES(40,0,58);
CREATE TABLE imports (
  import_id   INTEGER PRIMARY KEY, -- number of the import
  user_id     INTEGER NOT NULL     -- whose plays
              REFERENCES users,
  file        TEXT NOT NULL,       -- name of the file that was given
  hash        TEXT NOT NULL,       -- digest of its content, hexadecimal
  source      TEXT NOT NULL        -- long or short form
              CHECK (source IN ('extended', 'account')),
  started_at  INTEGER NOT NULL,    -- when it began
  finished_at INTEGER,             -- when it ended, NULL: under way, or cut off
  row_count   INTEGER NOT NULL,    -- rows read, the sum of the four below
  added       INTEGER NOT NULL,    -- stored as new plays
  matched     INTEGER NOT NULL,    -- were known from the API, and completed
  duplicate   INTEGER NOT NULL,    -- were known already
  rejected    INTEGER NOT NULL     -- not taken, see import_rejects
, first_at INTEGER /* moment of its oldest row that was taken, NULL: there is none */, last_at INTEGER /* moment of its newest row that was taken */) STRICT;
CREATE TABLE import_rejects (
  import_id INTEGER NOT NULL  -- which import
            REFERENCES imports ON DELETE CASCADE,
  row_no    INTEGER NOT NULL, -- which row of it, counted from 1
  reason    TEXT NOT NULL,    -- short word: why it was not taken
  excerpt   TEXT,             -- beginning of the row
  PRIMARY KEY (import_id, row_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE played_tracks (
  user_id       INTEGER NOT NULL   -- who
                REFERENCES users,
  played_at     INTEGER NOT NULL,  -- reported end of the play, plus nudge_ms
  track_id      INTEGER NOT NULL   -- what
                REFERENCES tracks,
  context_uri   TEXT,              -- playlist, album ... it was played from, NULL: not told
  source        TEXT NOT NULL      -- who told first: the API, or which kind of export
                CHECK (source IN ('api', 'extended', 'account')),
  first_seen_at INTEGER NOT NULL,  -- when it was stored
  ms_played     INTEGER,           -- how long it was heard, NULL: the API does not tell
  nudge_ms      INTEGER NOT NULL   -- moved so far to a free ms, see played_at
                DEFAULT 0,
  import_id     INTEGER            -- import that brought or completed it, NULL: none
                REFERENCES imports,
  deleted_at    INTEGER,           -- when it was marked as deleted, NULL: it is not
  PRIMARY KEY (user_id, played_at),
  UNIQUE (user_id, played_at)
) STRICT, WITHOUT ROWID;
INSERT INTO played_tracks VALUES(1,1795451405644,1,'spotify:playlist:KgJICSXDb4nFVZaGYtmqb0','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795451640231,2,'spotify:album:6CQQP5WDsuhqzthDNKcZei','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795451897109,3,NULL,'api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795451969751,4,'spotify:album:KPbcaBx6gwAxBmQ7Wkeqce','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795452725536,5,'spotify:album:dLN1yUjV01RNteEpLtLC4c','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795453051748,6,'spotify:playlist:DzwxWq7KQFLLu7jmMJx4ee','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795453363185,7,'spotify:album:Sx12gRxE4X6sXP5gy9HEbe','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795453557404,8,'spotify:artist:9vk2MRmF8j46Yx0FASEuh9','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795453782061,9,'spotify:album:IWP552LfpTnSsbTEzgP3id','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454082948,10,'spotify:playlist:fski41J52BRkJ9uJhmRY9a','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454210343,11,'spotify:user:bextor01:collection','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454506666,12,'spotify:album:VbsWlqjZa5bgBzogIgOAj4','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454631375,13,'spotify:album:KgJICSXDb4nFVZaGYtmqb0','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454645128,14,'spotify:album:3Re5wPYynWh6dZemecwP55','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454740377,15,'spotify:album:nWZaQnuVcZ2WhltYBB23gd','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795454966320,16,'spotify:playlist:XWHEorCDeduim7Hle1Qgh0','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795455094931,17,'spotify:artist:SNzWOTqICuVcH0SWGo218l','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795455284930,18,NULL,'api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795455308494,19,'spotify:playlist:CpUmVrH71HPYW50GM7XVa3','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795455600606,20,'spotify:playlist:SNzWOTqICuVcH0SWGo218l','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795455876389,21,'spotify:playlist:6CQQP5WDsuhqzthDNKcZei','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795456057154,22,'spotify:playlist:xF7MjJLS0sAgJsI8jYnf7e','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795456334194,23,'spotify:show:KPbcaBx6gwAxBmQ7Wkeqce','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795456475571,24,'spotify:playlist:0IH61KFuo3LQVbCFyvykg5','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795456700245,25,'spotify:artist:Im9YjNrqk6yF9DzDDtki54','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795456906005,26,'spotify:playlist:82OcNFvP0JSbv1Y7CKyW5d','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795457110395,27,'spotify:album:MtFB6QvlufuCZD3vwxxOe8','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795457134588,28,'spotify:playlist:hob5AN98UDOR2UdO8Vsrb9','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795457387602,29,'spotify:playlist:jn6fvVvpT3KrnTl9zlAOf3','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795457653017,30,NULL,'api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795457812572,31,NULL,'api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795458060473,32,'spotify:album:IWP552LfpTnSsbTEzgP3id','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795458349874,33,'spotify:album:2xzSuQMN4Z3QhtPUjwYc7c','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795458624659,34,'spotify:playlist:CpUmVrH71HPYW50GM7XVa3','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795458865145,35,NULL,'api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795459031513,36,'spotify:playlist:YJCBwI2xse9iCMOLkoiOke','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795459126863,37,'spotify:playlist:0IH61KFuo3LQVbCFyvykg5','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795459323931,38,'spotify:playlist:AmzhYsAuGgQgIk0XDEVLi5','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795459494341,39,'spotify:album:Im9YjNrqk6yF9DzDDtki54','api',1795459841135,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795459722938,40,'spotify:artist:hN4foYu6fhfqkCD8LIkA52','api',1795459841135,NULL,0,NULL,NULL);
CREATE TABLE polls (
  poll_id     INTEGER PRIMARY KEY, -- ascending with time
  user_id     INTEGER NOT NULL     -- for whom
              REFERENCES users ON DELETE CASCADE,
  started_at  INTEGER NOT NULL,    -- when the request was sent
  kind        TEXT NOT NULL        -- what follows the newest play, or all that is shown
              CHECK (kind IN ('tail', 'sweep')),
  cursor      INTEGER,             -- the after parameter, NULL: none
  outcome     TEXT NOT NULL,       -- ok, unchanged, empty, or the name of a failure
  http_status INTEGER,             -- status of the answer, NULL: there was none
  detail      TEXT,                -- what went wrong, for people
  items       INTEGER NOT NULL,    -- plays in the answer
  added       INTEGER NOT NULL,    -- of these, stored as new
  late        INTEGER NOT NULL,    -- of the new, older than one already stored
  odd         INTEGER NOT NULL,    -- items that could not be taken
  duration_ms INTEGER NOT NULL     -- from request to answer
) STRICT;
INSERT INTO polls VALUES(1,1,1795459841131,'sweep',NULL,'ok',200,NULL,40,40,0,0,4);
CREATE TABLE gaps (
  gap_id           INTEGER PRIMARY KEY, -- number of the gap
  user_id          INTEGER NOT NULL     -- whose record has it
                   REFERENCES users ON DELETE CASCADE,
  after_played_at  INTEGER NOT NULL,    -- newest stored play before it
  before_played_at INTEGER NOT NULL,    -- oldest known play after it
  certainty        TEXT NOT NULL        -- was something lost
                   CHECK (certainty IN ('likely', 'possible')),
  cause            TEXT NOT NULL        -- why
                   CHECK (cause IN ('listened_faster', 'late_batch', 'daemon_down',
                                    'needs_login', 'rate_limit', 'spotify_failing',
                                    'database_full', 'unknown')),
  detected_at      INTEGER NOT NULL,    -- when it was noticed
  filled_by        INTEGER              -- import that spans it, NULL: it is open
                   REFERENCES imports,
  UNIQUE (user_id, after_played_at, before_played_at)
) STRICT;
CREATE TABLE runs (
  run_id     INTEGER PRIMARY KEY, -- ascending with time
  started_at INTEGER NOT NULL,    -- when the daemon started
  alive_at   INTEGER NOT NULL,    -- its last sign of life
  stopped_at INTEGER,             -- when it stopped in order, NULL: it runs, or was cut off
  version    TEXT NOT NULL        -- of the program
) STRICT;
INSERT INTO runs VALUES(1,1795459841043,1795459841241,1795459841241,'0.1.0');
CREATE TABLE gate (
  client_id  TEXT PRIMARY KEY, -- client id of the Spotify app
  not_before INTEGER,          -- no call before this moment, NULL: open
  set_at     INTEGER NOT NULL, -- when that was said
  reason     TEXT              -- why, for people
) STRICT, WITHOUT ROWID;
CREATE TABLE gate_calls (
  client_id TEXT NOT NULL,    -- client id of the Spotify app
  hour      INTEGER NOT NULL, -- hours since 1970-01-01 UTC
  calls     INTEGER NOT NULL, -- requests sent in that hour
  PRIMARY KEY (client_id, hour)
) STRICT, WITHOUT ROWID;
INSERT INTO gate_calls VALUES('sim-client-id',498738,3);
CREATE TABLE play_details (
  user_id      INTEGER NOT NULL,   -- with the next: which row of played_tracks
  played_at    INTEGER NOT NULL,   -- its key there
  reason_start TEXT,               -- why it began, in Spotify's words: clickrow ...
  reason_end   TEXT,               -- why it ended: trackdone ...
  shuffle      INTEGER             -- was shuffle on
               CHECK (shuffle IN (0, 1)),
  skipped      INTEGER             -- was it skipped
               CHECK (skipped IN (0, 1)),
  offline      INTEGER             -- was the device offline
               CHECK (offline IN (0, 1)),
  incognito    INTEGER             -- was it a private session
               CHECK (incognito IN (0, 1)),
  platform     TEXT,               -- device, as Spotify describes it
  country      TEXT,               -- two letters
  long_at      INTEGER,            -- moment in the long form, NULL: it is in none
  offline_at   INTEGER,            -- when an offline play began, by the device's clock
  long_track_id   INTEGER          -- track that the long form names, NULL: the play's
                  REFERENCES tracks,
  long_nudge_ms   INTEGER,         -- nudge_ms while the long form stood for the play
  short_at        INTEGER,         -- minute in the short form, beside another source
  short_ms_played INTEGER,         -- ms_played in the short form, NULL: the play's
  short_track_id  INTEGER          -- track that the short form names, NULL: the play's
                  REFERENCES tracks,
  short_nudge_ms  INTEGER,         -- nudge_ms while the short form stood for the play
  short_import_id INTEGER          -- import of the short form, NULL: the play's
                  REFERENCES imports,
  PRIMARY KEY (user_id, played_at),
  FOREIGN KEY (user_id, played_at) REFERENCES played_tracks ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE stale_blocks (
  user_id INTEGER NOT NULL,  -- whose plays changed
  block   INTEGER NOT NULL,  -- in which block of 28 days: the three tables are behind there
  PRIMARY KEY (user_id, block)
) STRICT, WITHOUT ROWID;
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','track_words','track_words',0,'CREATE VIRTUAL TABLE track_words USING fts5(
  words,  -- of the track, its artists and its album; rowid is track_id
  tokenize = ''unicode61 remove_diacritics 2'', detail = none, columnsize = 0
)');
CREATE TABLE IF NOT EXISTS 'track_words_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO track_words_data VALUES(1,X'288226');
INSERT INTO track_words_data VALUES(10,X'000000000101010001010101');
INSERT INTO track_words_data VALUES(137438953473,X'000007910230310e0105616c6572740e010962656c65746870656c1d040667616c7a616e0f04036b656c0f0501692104036c696e1e04026e790d0c040373686901040374616e100405796c66656e0c04057a616e796c1e0108647261776b6361620b03076f64726f64726f2504036574680b04026d6f0b04017020010965746867616c6574680504056a6f74686f1b040370656c12040673617266656e1a040674686f6e6f72050703717561200404756c6f7301010966656e6b656c66656e0c04066c696e7665730304056e7964726f09040673686967616c03040574686f6a6f020403766579270405796c67616c1f010967616c67616c70656c1d04056974686b6918040371756101040373686917040374686f0a0405766579796c210104686572651402077564726f7665790b030367616c1403066974687361721003056b656c72751103026e791103026f720403037175610519030673686969746806010969746864726f7175611e04046c756d6f0104056f7266656e13040272750b040673617273686902040374686f061b0404756c72750e04037665731d04057765786a6f0301056a6f6974681c03036b656c2406037a616e1203026d6f0103066e6f7274686f1704017904030472756f731c030673686974686f22030374616e1203067665796d61720103067a616e6c696e2001066b656c66656e22070272752004046b696f720a04026c751704036d61722004026f7223040472616d6f1504037665730201040677657874686f090405796c6974681c02046962656c13030664726f62656c1203026c750605026e790703056e6f726f721a0403796e7924030572617368691603057765786b692001046c696e6514050474686f7306040666656e7361720a04046c756c752304036d61720707036c696e1004026f731104057361726b6902050568697368691004057665736e792402067568757368692503026e792203056f727665731e030370656c1e03067361727361721c030674616e6b656c2001066d617262656c2604026a6f2804066d61726d61721a05016f1704037368691d040374616e1a04037665731507037a616e140405796c7368690d02076f62656c74616e2603066574687175611a030567616c6a6f2603066974687665790b03056e796b656c0f0603067175617665731a0305726166656e280302796c1701016e2002056f7262656c25070370656c2004056b696e6f721f04036d61720207036e6f721904056e796e6f7209040670656c6974680c04037665731a02077966656e7765781303046c756a6f0d03066d617262656c0103056e7977657828030373686903030674616e736172270405686f6e6f720d0302796c14050362656c0c01046f726c752203056f73766579020302796c2203037a616e27060374686f0802077365746876657302030366656e28030667616c62656c2103026a6f2703056c696e6b6918060272612103066e6f727665731503026f7222030570656c6b69230302756c19010970656c66656e6e6f7215040268750d06036574680804026b691504066e6f72736869020503796f720204026f7305040671756162656c13040272610302046c6179732001087175616974686b691304056d6172796c10040671756162656c160402756c070105726164726f1303026d6f1d030572616974681e030674616e64726f1503037a616e05060272610802077567616c6e6f720c03026b692303056c696e6f721f0404756e6f722403036d61721f03026e790605037665730803027261080303736172010602756c190305796c6e6f721c01017320020861726e6f7270656c1b0504796c696e1104026f730d0405726174616e2204067361726d617225020563726970740e020668696875796c1804026d6f0704036e6f72240403717561240402726119050175060405766579756c0601037461621404026c652003046e62656c14040665746876657326040367616c1104036b656c1c0503696b690906026f7217060370656c1e06037175610804026c750c04056d6f7368690304026e790206037361721604026f720d04027261270405756c7175610804057665796e79140405796c7175611e020268650201020309020407020201040272651403046f6c696e0a04026d6f0c04056f7276657311040272611e05017520040374616e180505686f64726f02040676657362656c0c07026b69160403776578130405796c766579010105756c62656c0206036d61721f030268752803036b656c0e03056d6172726112010676657366656e0e040572756d61720c0f04037665790c04037a616e1903047967616c2804056a6f7368690504026f720f0504737368691b04027275240402756c180406776578766573120405796c66656e0b01067765786c696e0504026e7918040371756111040674616e7175611e010178200101792002076c64726f66656e1a030367616c2203056c696e6c750703026e791b03056f7362656c1e05026c752203037361720d0402686923030674616e6b656c110305796c6974682801067a616e64726f1e030504036574681604036974681804026b6905060367616c0404036e6f720705047962656c260108d0b2d0b5d181d18213020bbbd183d0bcd0bed180d0b013010ad8a7d984d985d8b1d8a704210106d986d988d8b104210404080c0906040606060608080b0a0605040c0806090906070c0908090806080c0806060608070a060908050507090c07080509070706080806060509040709060909090507050605070709080709050508060808070709070606050808080905080609090905090406060606080a090809090908050408060806060809060a070908060908050607080506060a0609050805090508050c0506050906050905070b0809050805080906050a05080706050605060508040b070508090809050606050408060507090606060506060508050605050808080f05070508050406080905060808060506080909060607080507050509080905060904040a0608050805060509080b0606050606070b0e0e');
CREATE TABLE IF NOT EXISTS 'track_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO track_words_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'track_words_content'(id INTEGER PRIMARY KEY, c0);
INSERT INTO track_words_content VALUES(1,'Jomo Nymarbel Ethulos Rusar Galqua Belshi Thoylvey Joveymar Ithlumo');
INSERT INTO track_words_content VALUES(2,'Orosvey Linsarki Normar Pelnorshi Pelnyor Ulbel Osethves Fenthojo & the Ithsarshi Tanny Kelves Thothodro');
INSERT INTO track_words_content VALUES(3,'Fenlinves Tanmoshi Pelra Nyshi & the Fenshigal Ithwexjo Kelves');
INSERT INTO track_words_content VALUES(4,'نور المرا Zankigal Jony Huor');
INSERT INTO track_words_content VALUES(5,'Wexlin Pelos Eththonor Huqua Veyjoshi & the Razan Ethgaleth Zanki');
INSERT INTO track_words_content VALUES(6,'Runy Iththo Hushiith Linethos Kilu Shiveyul Shiru');
INSERT INTO track_words_content VALUES(7,'Yllinlu Shimo Kiluny Zannor Quaul Linmar');
INSERT INTO track_words_content VALUES(8,'Razanra Orzantho Pelhueth & the Tanulqua Runyves Tankiqua Rura');
INSERT INTO track_words_content VALUES(9,'Nornynor Tankiki Kelwextho Fennydro');
INSERT INTO track_words_content VALUES(10,'Tholin Linfensar Galtho Kelkior');
INSERT INTO track_words_content VALUES(11,'- Dromo Moithvey ‮drawkcab‬ Veyylfen Droeth Ithru Hudrovey');
INSERT INTO track_words_content VALUES(12,'Thomo Thovesbel Rugalnor Tanlu Fenkelfen Vesvey Norpelith Belylfen Vesrumar Nyylbel');
INSERT INTO track_words_content VALUES(13,'Nythonor Tanor Ylsar Saros Pelhu Belny Marylshi Nylujo');
INSERT INTO track_words_content VALUES(14,'Ithulru <script>alert(1)</script> Ulkel Vesfen');
INSERT INTO track_words_content VALUES(15,'Veyor Monykel Belgalzan Belkel');
INSERT INTO track_words_content VALUES(16,'Huithsar Linmarlin Beltan Linshishi Quamaryl');
INSERT INTO track_words_content VALUES(17,'Sarnylin Huny Tangal Linos Yltankel & the Wexqua Thoorves Hukelru');
INSERT INTO track_words_content VALUES(18,'Jotan Ulmarra Ethpel Kidrobel Jokelzan Veywexves');
INSERT INTO track_words_content VALUES(19,'Лумора Вест Quaithki Kibel Pelquabel Thowex & the Ithorfen Radro Nyfenwex');
INSERT INTO track_words_content VALUES(20,replace('Tanbel Hugal Tanveyny tab	here, line\nthere Marveszan Nyyl','\n',char(10)));
INSERT INTO track_words_content VALUES(21,'Pelki Marves Kelramo Monykel Osnorves Ratandro Pelfennor');
INSERT INTO track_words_content VALUES(22,'Kirashi Tannysar Zaneth Quaquabel Thoveski');
INSERT INTO track_words_content VALUES(23,'Kellu Moyl Tankior Galshi & the Marmo Jonortho');
INSERT INTO track_words_content VALUES(24,'Veyul Wexny Galithki Zanith Shihuyl Oslinki Thotan');
INSERT INTO track_words_content VALUES(25,'Veszan Shira Rusarul Normarnor Osul Belny');
INSERT INTO track_words_content VALUES(26,'Moethqua Norves Marmarmar Moquaves Kinoror Yldrofen Martan Ethsarfen');
INSERT INTO track_words_content VALUES(27,'Vesrumar Ethjotho Veyosshi Sarnorpel Ylny');
INSERT INTO track_words_content VALUES(28,'Joruos Ruylnor Joith Tankel Lusarsar Kelylith');
INSERT INTO track_words_content VALUES(29,'Marshi Galgalpel Ramo Ithves Belethpel');
INSERT INTO track_words_content VALUES(30,'Raraith Ithdroqua Thora Bellin Ylosbel Tanylqua & the Tankipel Huqua & the Wextanqua Lupel Zandro Belzanyl Luorves');
INSERT INTO track_words_content VALUES(31,'Rulinor Rumar Ulbelmar Fenylgal Norkinor');
INSERT INTO track_words_content VALUES(32,'Jozanlin Kelfenru Norbelpel %s%n {{x}} ${y} ''; DROP TABLE plays;-- Kiwexki & the Thoru Kelmar Lutankel Eththoqua');
INSERT INTO track_words_content VALUES(33,'Osgalbel Oslinra Zandro Belki Iththo Galveyyl');
INSERT INTO track_words_content VALUES(34,'Osor Orlu Ylgal Kelfen & the Luny Yloslu & the Oryl Sarratan Joshitho');
INSERT INTO track_words_content VALUES(35,'Kelor Ylshi Ospelki & the Linlulu Ruki');
INSERT INTO track_words_content VALUES(36,'Linvesny Shinor Shiqua Jokel Kinyny Veyru Rulunor');
INSERT INTO track_words_content VALUES(37,'Drodrodro نور المرا Sarsarmar Norbel Luhushi');
INSERT INTO track_words_content VALUES(38,'Mogaljo Zandro Tanethves Zannybel Mobeltan Marbel');
INSERT INTO track_words_content VALUES(39,'Fenvey Nytansar Orzan Tanra Osjo');
INSERT INTO track_words_content VALUES(40,'Veygal Nynywex Osfen Ylylith Morafen Marjo Ulhu');
CREATE TABLE IF NOT EXISTS 'track_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO track_words_config VALUES('version',4);
CREATE TABLE stale_words (
  track_id INTEGER PRIMARY KEY  -- track whose words are not in track_words as they are now
) STRICT;
CREATE TABLE play_sums (
  user_id     INTEGER NOT NULL,  -- who
  block       INTEGER NOT NULL,  -- blocks of 28 days since 1970-01-01 UTC
  plays       INTEGER NOT NULL,  -- plays that ended in it
  listened_ms INTEGER NOT NULL,  -- how long they were heard in all
  quarters    BLOB NOT NULL,     -- both of each quarter of an hour, packed
  tracks      BLOB NOT NULL,     -- both of each track and its first play in it, packed
  PRIMARY KEY (user_id, block)
) STRICT;
INSERT INTO play_sums VALUES(1,742,40,8421592,X'21c20104eefe0a002001022c0905002001040233090020010666991000200105445910002001047771110020010508ed130020010307210b00200106f97d100020010193550500',X'a00101424a02004ce52318a0010107440300a7792718a0010102d7030015652b18a00101a3990100d7802c18a0010189b5020020093818a00101a353020064033d18a001018bd90100f1c34118a00101e09d01009cba4418a00101e1f703002d284818a00101b6c3010084bf4c18a001018de6020027b14e18a0010180c60400aa365318a001011b760400cf1d5518a00101c7b5010088535518a00101546b010099c75618a0010123550100303a5a18a0010188d2020093305c18a00101c8560400c2165f18a00101295a0400ce725f18a00101bf0f0200dee76318a001010cc60200251d6818a001018acc030042df6a18a0010120e3040072196f18a00101197b0400b3417118a00101b446040055af7418a00101f8f9020015d37718a00101557705007bf17a18a00101c1cf0400fc4f7b18a00101f4c10100522c7f18a0010106ea040019398318a001017c5504005ca88518a001010d250200b9708918a001017ea6040032db8d18a001018d540400930c9218a001010f740100f9b79518a00101945f0100d9419818a0010188c404004fb6991890010186f11bb89c18a00101bb9f0300c5519f18a0010193550500bacea218');
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 VALUES('played_tracks','played_tracks_track','40 1 1 1 1 1 1');
INSERT INTO sqlite_stat1 VALUES('played_tracks','played_tracks_api','40 40 1');
INSERT INTO sqlite_stat1 VALUES('played_tracks','played_tracks','40 40 1');
INSERT INTO sqlite_stat1 VALUES('track_artists','sqlite_autoindex_track_artists_2','50 1 1');
INSERT INTO sqlite_stat1 VALUES('track_artists','track_artists','50 2 1');
INSERT INTO sqlite_stat1 VALUES('album_artists','sqlite_autoindex_album_artists_2','40 1 1');
INSERT INTO sqlite_stat1 VALUES('album_artists','album_artists','40 1 1');
CREATE INDEX tracks_album ON tracks (album_id);
CREATE INDEX played_tracks_import ON played_tracks (import_id) WHERE import_id IS NOT NULL;
CREATE VIEW plays AS
SELECT p.user_id,
  coalesce(u.display_name, u.spotify_id) AS user,
  p.played_at - p.nudge_ms AS played_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS played_at_utc,
  strftime('%Y-%m-%d %H:%M:%f', (p.played_at - p.nudge_ms) / 1000.0, 'unixepoch',
    'localtime') AS played_at_local,
  t.name AS track,
  (SELECT group_concat(name, ', ') FROM
    (SELECT a.name FROM track_artists AS x JOIN artists AS a USING (artist_id)
     WHERE x.track_id = t.track_id ORDER BY x.position)) AS artists,
  b.name AS album,
  t.kind,
  t.duration_ms,
  p.ms_played,
  p.source,
  (p.first_seen_at - (p.played_at - p.nudge_ms)) / 1000 AS late_s,
  p.context_uri,
  t.uri AS track_uri,
  p.track_id,
  t.album_id,
  p.played_at AS play_key
FROM played_tracks AS p
LEFT JOIN users AS u ON u.user_id = p.user_id
LEFT JOIN tracks AS t ON t.track_id = p.track_id
LEFT JOIN albums AS b ON b.album_id = t.album_id
WHERE p.deleted_at IS NULL;
CREATE VIEW plays_by_day AS
SELECT p.user_id,
  date((p.played_at - p.nudge_ms) / 1000, 'unixepoch', 'localtime') AS day,
  count(*) AS plays,
  count(DISTINCT p.track_id) AS tracks,
  sum(coalesce(p.ms_played, t.duration_ms, 0)) AS listened_ms
FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id
WHERE p.deleted_at IS NULL
GROUP BY p.user_id, day;
CREATE VIEW plays_by_hour AS
SELECT p.user_id,
  CAST(strftime('%H', (p.played_at - p.nudge_ms) / 1000, 'unixepoch', 'localtime')
    AS INTEGER) AS hour,
  count(*) AS plays,
  sum(coalesce(p.ms_played, t.duration_ms, 0)) AS listened_ms
FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id
WHERE p.deleted_at IS NULL
GROUP BY p.user_id, hour;
CREATE VIEW artist_totals AS
SELECT p.user_id,
  a.artist_id,
  a.name AS artist,
  a.uri AS artist_uri,
  count(*) AS plays,
  count(DISTINCT p.track_id) AS tracks,
  sum(coalesce(p.ms_played, t.duration_ms, 0)) AS listened_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', min(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS first_played_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', max(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS last_played_utc
FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id
JOIN track_artists AS x ON x.track_id = p.track_id
JOIN artists AS a ON a.artist_id = x.artist_id
WHERE p.deleted_at IS NULL
GROUP BY p.user_id, a.artist_id;
CREATE VIEW track_totals AS
SELECT p.user_id,
  t.track_id,
  t.name AS track,
  (SELECT group_concat(name, ', ') FROM
    (SELECT a.name FROM track_artists AS x JOIN artists AS a USING (artist_id)
     WHERE x.track_id = t.track_id ORDER BY x.position)) AS artists,
  b.name AS album,
  t.uri AS track_uri,
  count(*) AS plays,
  sum(coalesce(p.ms_played, t.duration_ms, 0)) AS listened_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', min(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS first_played_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', max(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS last_played_utc
FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id
LEFT JOIN albums AS b ON b.album_id = t.album_id
WHERE p.deleted_at IS NULL
GROUP BY p.user_id, t.track_id;
CREATE VIEW album_totals AS
SELECT p.user_id,
  b.album_id,
  b.name AS album,
  (SELECT group_concat(name, ', ') FROM
    (SELECT a.name FROM album_artists AS x JOIN artists AS a USING (artist_id)
     WHERE x.album_id = b.album_id ORDER BY x.position)) AS artists,
  b.uri AS album_uri,
  count(*) AS plays,
  count(DISTINCT p.track_id) AS tracks,
  sum(coalesce(p.ms_played, t.duration_ms, 0)) AS listened_ms,
  strftime('%Y-%m-%dT%H:%M:%fZ', min(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS first_played_utc,
  strftime('%Y-%m-%dT%H:%M:%fZ', max(p.played_at - p.nudge_ms) / 1000.0, 'unixepoch')
    AS last_played_utc
FROM played_tracks AS p JOIN tracks AS t ON t.track_id = p.track_id
JOIN albums AS b ON b.album_id = t.album_id
WHERE p.deleted_at IS NULL
GROUP BY p.user_id, b.album_id;
CREATE VIEW coverage_by_day AS
WITH RECURSIVE days (user_id, day_ms, known_ms) AS (
  SELECT user_id, first_sweep_at - first_sweep_at % 86400000,
    coalesce(last_success_at, first_sweep_at)
  FROM users WHERE first_sweep_at IS NOT NULL
  UNION ALL
  SELECT user_id, day_ms + 86400000, known_ms FROM days
  WHERE day_ms + 86400000 <= max(known_ms, strftime('%s', 'now') * 1000)
)
SELECT d.user_id,
  date(d.day_ms / 1000, 'unixepoch') AS day,
  CASE
    WHEN EXISTS (SELECT 1 FROM gaps AS g WHERE g.user_id = d.user_id AND g.filled_by IS NULL
      AND g.after_played_at < d.day_ms + 86400000 AND g.before_played_at > d.day_ms AND g.certainty = 'likely') THEN 'lost'
    WHEN EXISTS (SELECT 1 FROM gaps AS g WHERE g.user_id = d.user_id AND g.filled_by IS NULL
      AND g.after_played_at < d.day_ms + 86400000 AND g.before_played_at > d.day_ms) THEN 'possible'
    WHEN d.day_ms <= d.known_ms THEN 'complete'
    WHEN EXISTS (SELECT 1 FROM runs AS r WHERE r.started_at < d.day_ms + 86400000
      AND coalesce(r.stopped_at, r.alive_at) >= d.day_ms) THEN 'possible'
    ELSE 'not_running'
  END AS coverage,
  (SELECT g.cause FROM gaps AS g WHERE g.user_id = d.user_id AND g.filled_by IS NULL
      AND g.after_played_at < d.day_ms + 86400000 AND g.before_played_at > d.day_ms
   ORDER BY g.certainty, g.gap_id LIMIT 1) AS cause
FROM days AS d;
CREATE INDEX played_tracks_api ON played_tracks (user_id, played_at) WHERE source = 'api';
CREATE INDEX play_details_import ON play_details (short_import_id) WHERE short_import_id IS NOT NULL;
CREATE INDEX gaps_import ON gaps (filled_by) WHERE filled_by IS NOT NULL;
CREATE INDEX play_details_long_track ON play_details (long_track_id) WHERE long_track_id IS NOT NULL;
CREATE INDEX play_details_short_track ON play_details (short_track_id) WHERE short_track_id IS NOT NULL;
CREATE TRIGGER play_added AFTER INSERT ON played_tracks BEGIN
  INSERT INTO stale_blocks (user_id, block)
    VALUES (NEW.user_id, (NEW.played_at - NEW.nudge_ms) / 2419200000 - ((NEW.played_at - NEW.nudge_ms) % 2419200000 < 0))
    ON CONFLICT (user_id, block) DO NOTHING;
  INSERT INTO stale_blocks (user_id, block)
    SELECT NEW.user_id, (NEW.played_at - 3600000) / 2419200000 - ((NEW.played_at - 3600000) % 2419200000 < 0)
    WHERE NEW.played_at % 2419200000 BETWEEN 0 AND 3600000
    ON CONFLICT (user_id, block) DO NOTHING;
END;
CREATE TRIGGER play_removed AFTER DELETE ON played_tracks BEGIN
  INSERT INTO stale_blocks (user_id, block)
    VALUES (OLD.user_id, (OLD.played_at - OLD.nudge_ms) / 2419200000 - ((OLD.played_at - OLD.nudge_ms) % 2419200000 < 0))
    ON CONFLICT (user_id, block) DO NOTHING;
END;
CREATE TRIGGER play_changed
AFTER UPDATE OF user_id, played_at, nudge_ms, track_id, ms_played, deleted_at
ON played_tracks
WHEN OLD.user_id <> NEW.user_id OR OLD.played_at <> NEW.played_at
  OR OLD.nudge_ms <> NEW.nudge_ms OR OLD.track_id <> NEW.track_id
  OR OLD.ms_played IS NOT NEW.ms_played OR OLD.deleted_at IS NOT NEW.deleted_at
BEGIN
  INSERT INTO stale_blocks (user_id, block)
    VALUES (OLD.user_id, (OLD.played_at - OLD.nudge_ms) / 2419200000 - ((OLD.played_at - OLD.nudge_ms) % 2419200000 < 0))
    ON CONFLICT (user_id, block) DO NOTHING;
  INSERT INTO stale_blocks (user_id, block)
    VALUES (NEW.user_id, (NEW.played_at - NEW.nudge_ms) / 2419200000 - ((NEW.played_at - NEW.nudge_ms) % 2419200000 < 0))
    ON CONFLICT (user_id, block) DO NOTHING;
  INSERT INTO stale_blocks (user_id, block)
    SELECT NEW.user_id, (NEW.played_at - 3600000) / 2419200000 - ((NEW.played_at - 3600000) % 2419200000 < 0)
    WHERE NEW.played_at % 2419200000 BETWEEN 0 AND 3600000
    ON CONFLICT (user_id, block) DO NOTHING;
END;
CREATE TRIGGER track_length_changed AFTER UPDATE OF duration_ms ON tracks
WHEN OLD.duration_ms IS NOT NEW.duration_ms BEGIN
  INSERT INTO stale_blocks (user_id, block)
    SELECT DISTINCT p.user_id, (p.played_at - p.nudge_ms) / 2419200000 - ((p.played_at - p.nudge_ms) % 2419200000 < 0) FROM played_tracks AS p
    WHERE p.track_id = NEW.track_id AND p.ms_played IS NULL
    ON CONFLICT (user_id, block) DO NOTHING;
END;
CREATE TRIGGER track_replaced AFTER INSERT ON tracks BEGIN
  INSERT INTO stale_blocks (user_id, block)
    SELECT DISTINCT p.user_id, (p.played_at - p.nudge_ms) / 2419200000 - ((p.played_at - p.nudge_ms) % 2419200000 < 0) FROM played_tracks AS p
    WHERE p.track_id = NEW.track_id AND p.ms_played IS NULL
    ON CONFLICT (user_id, block) DO NOTHING;
END;
CREATE INDEX played_tracks_track
ON played_tracks (track_id, user_id, played_at, nudge_ms, ms_played, deleted_at);
CREATE TRIGGER words_of_added AFTER INSERT ON tracks BEGIN
  INSERT INTO stale_words (track_id) VALUES (NEW.track_id)
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_removed AFTER DELETE ON tracks BEGIN
  INSERT INTO stale_words (track_id) VALUES (OLD.track_id)
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_changed AFTER UPDATE OF track_id, name, album_id ON tracks
WHEN OLD.name <> NEW.name OR OLD.album_id IS NOT NEW.album_id
  OR OLD.track_id <> NEW.track_id
BEGIN
  INSERT INTO stale_words (track_id) VALUES (OLD.track_id)
    ON CONFLICT (track_id) DO NOTHING;
  INSERT INTO stale_words (track_id) VALUES (NEW.track_id)
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_album AFTER UPDATE OF name ON albums
WHEN OLD.name <> NEW.name BEGIN
  INSERT INTO stale_words (track_id) SELECT track_id FROM tracks WHERE album_id = NEW.album_id
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_artist AFTER UPDATE OF name ON artists
WHEN OLD.name <> NEW.name BEGIN
  INSERT INTO stale_words (track_id) SELECT track_id FROM track_artists WHERE artist_id = NEW.artist_id
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_tie AFTER INSERT ON track_artists BEGIN
  INSERT INTO stale_words (track_id) VALUES (NEW.track_id)
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_retie AFTER UPDATE OF track_id, artist_id ON track_artists BEGIN
  INSERT INTO stale_words (track_id) VALUES (OLD.track_id)
    ON CONFLICT (track_id) DO NOTHING;
  INSERT INTO stale_words (track_id) VALUES (NEW.track_id)
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE TRIGGER words_of_untie AFTER DELETE ON track_artists BEGIN
  INSERT INTO stale_words (track_id) VALUES (OLD.track_id)
    ON CONFLICT (track_id) DO NOTHING;
END;
CREATE INDEX played_tracks_deleted ON played_tracks (deleted_at)
WHERE deleted_at IS NOT NULL;
CREATE TRIGGER user_removed AFTER DELETE ON users BEGIN
  DELETE FROM play_sums WHERE user_id = OLD.user_id;
  DELETE FROM stale_blocks WHERE user_id = OLD.user_id;
END;
PRAGMA writable_schema=OFF;
COMMIT;
PRAGMA user_version = 6;
