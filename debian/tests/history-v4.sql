-- SPDX-License-Identifier: MIT
--
-- A database of version 4, the last one before words to search for: one user with invented plays of the
-- fake Spotify (seed 1), no sign-in. debian/tests/recorder has it brought up to date.
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
INSERT INTO users VALUES(1,'bextor01','aB2964646d3066c028','Bextor','needs_login',NULL,1795409224913,1795409224913,NULL,1795409230354,1795409225198,1795409229109,NULL,0,NULL,'sim-client-id');
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
INSERT INTO albums VALUES(1,'spotify:album:lpX9lFNHKBMMHOJJJb0C0b','Joveymar Ithlumo','compilation','2022-09-07','https://i.scdn.co/image/ab0640lpX9lFNHKBMMHOJJJb0C0b',12,1795409225203);
INSERT INTO albums VALUES(2,'spotify:album:MB5VUnabRIKoVNPqHIyv04','Tanny Kelves Thothodro','album','1966-12-19','https://i.scdn.co/image/ab0640MB5VUnabRIKoVNPqHIyv04',12,1795409225203);
INSERT INTO albums VALUES(3,'spotify:album:4TayOm6Hq8ul8HWXck62e3','Ithwexjo Kelves','album','1976-11-27','https://i.scdn.co/image/ab06404TayOm6Hq8ul8HWXck62e3',12,1795409225203);
INSERT INTO albums VALUES(4,'spotify:album:bhuOPE8yHhWwNitVRGj1cj','Huor','album','2016','https://i.scdn.co/image/ab0640bhuOPE8yHhWwNitVRGj1cj',12,1795409225203);
INSERT INTO albums VALUES(5,'spotify:album:dZDjI24qwHrTaFG7WxFPab','Zanki','album','1994-06-24','https://i.scdn.co/image/ab0640dZDjI24qwHrTaFG7WxFPab',12,1795409225203);
INSERT INTO albums VALUES(6,'spotify:album:QNu9Cg1yM4aoInpIRa4wj0','Shiveyul Shiru','album','1979-10-08','https://i.scdn.co/image/ab0640QNu9Cg1yM4aoInpIRa4wj0',12,1795409225203);
INSERT INTO albums VALUES(7,'spotify:album:ZQ7Ga43Jcwm7QGnkyJ9V7e','Quaul Linmar','single','2009-11-14','https://i.scdn.co/image/ab0640ZQ7Ga43Jcwm7QGnkyJ9V7e',12,1795409225203);
INSERT INTO albums VALUES(8,'spotify:album:JFdjWy3k7eI4q8QPlahPel','Runyves Tankiqua Rura','compilation','1983-11-17','https://i.scdn.co/image/ab0640JFdjWy3k7eI4q8QPlahPel',12,1795409225203);
INSERT INTO albums VALUES(9,'spotify:album:Tofpu3Lo7O9a2OxKfEkCea','Kelwextho Fennydro','album','2002-08','https://i.scdn.co/image/ab0640Tofpu3Lo7O9a2OxKfEkCea',12,1795409225203);
INSERT INTO albums VALUES(10,'spotify:album:1pEejNEzRnQcBq1olCiC4j','Kelkior','album','2017-12-09','https://i.scdn.co/image/ab06401pEejNEzRnQcBq1olCiC4j',12,1795409225203);
INSERT INTO albums VALUES(11,'spotify:album:BlVoXAakc9Swu31mgrvHaj','Ithru Hudrovey','album','2009-09-14','https://i.scdn.co/image/ab0640BlVoXAakc9Swu31mgrvHaj',12,1795409225203);
INSERT INTO albums VALUES(12,'spotify:album:V8X7zEtHqeWNCzdF5k1d03','Vesrumar Nyylbel','album','1993-09-10','https://i.scdn.co/image/ab0640V8X7zEtHqeWNCzdF5k1d03',12,1795409225203);
INSERT INTO albums VALUES(13,'spotify:album:q05Dquaoe06VOQS1x30Elc','Marylshi Nylujo','single','1983-08-03','https://i.scdn.co/image/ab0640q05Dquaoe06VOQS1x30Elc',12,1795409225203);
INSERT INTO albums VALUES(14,'spotify:album:xLkU3Xo4BPnsfVmJMsXKj0','Vesfen','single','1960-10-03','https://i.scdn.co/image/ab0640xLkU3Xo4BPnsfVmJMsXKj0',12,1795409225203);
INSERT INTO albums VALUES(15,'spotify:album:fnmM1rvbFwjvtAIXgaBtb4','Belgalzan Belkel','album','1961','https://i.scdn.co/image/ab0640fnmM1rvbFwjvtAIXgaBtb4',12,1795409225203);
INSERT INTO albums VALUES(16,'spotify:album:gMWMRh7daRxjEPeWZ0z19k','Linshishi Quamaryl','compilation','2003-02-07','https://i.scdn.co/image/ab0640gMWMRh7daRxjEPeWZ0z19k',12,1795409225203);
INSERT INTO albums VALUES(17,'spotify:album:4cgwiKSWC04ZPgdp9OoR95','Thoorves Hukelru','compilation','2005-04-06','https://i.scdn.co/image/ab06404cgwiKSWC04ZPgdp9OoR95',12,1795409225203);
INSERT INTO albums VALUES(18,'spotify:album:J8YqYIuodmfvUXxbRKpd27','Veywexves','compilation','1974-07-17','https://i.scdn.co/image/ab0640J8YqYIuodmfvUXxbRKpd27',12,1795409225203);
INSERT INTO albums VALUES(19,'spotify:album:gGgO0bbuzm9p1QsZQyUUjd','Radro Nyfenwex','album','1981','https://i.scdn.co/image/ab0640gGgO0bbuzm9p1QsZQyUUjd',12,1795409225203);
INSERT INTO albums VALUES(20,'spotify:album:SBPx8m39lr8dPhudX78Fj3',replace('tab	here, line\nthere Marveszan Nyyl','\n',char(10)),'album','1961-07-15','https://i.scdn.co/image/ab0640SBPx8m39lr8dPhudX78Fj3',12,1795409225203);
INSERT INTO albums VALUES(21,'spotify:album:85DEEEWsJUthcuHsE7mGa2','Osnorves Ratandro Pelfennor','single','1989','https://i.scdn.co/image/ab064085DEEEWsJUthcuHsE7mGa2',12,1795409225203);
INSERT INTO albums VALUES(22,'spotify:album:wP15EcuBwyC06RmLnc541i','Zaneth Quaquabel Thoveski','single','1985-06-01','https://i.scdn.co/image/ab0640wP15EcuBwyC06RmLnc541i',12,1795409225203);
INSERT INTO albums VALUES(23,'spotify:album:ErjZisGbZL5QXD7sWkHtii','Jonortho','compilation','2020-12-25','https://i.scdn.co/image/ab0640ErjZisGbZL5QXD7sWkHtii',12,1795409225203);
INSERT INTO albums VALUES(24,'spotify:album:YIhAYQHUu8DpwhpbGcohgi','Shihuyl Oslinki Thotan','compilation','1967-01-28','https://i.scdn.co/image/ab0640YIhAYQHUu8DpwhpbGcohgi',12,1795409225203);
INSERT INTO albums VALUES(25,'spotify:album:cXPcGEEBkQ4HiYQrPe0E6j','Normarnor Osul Belny','compilation','1972-02-09','https://i.scdn.co/image/ab0640cXPcGEEBkQ4HiYQrPe0E6j',12,1795409225203);
INSERT INTO albums VALUES(26,'spotify:album:mIbEx8UsYNpfVPNTMUQ0he','Yldrofen Martan Ethsarfen','album','1968-01-27','https://i.scdn.co/image/ab0640mIbEx8UsYNpfVPNTMUQ0he',12,1795409225203);
INSERT INTO albums VALUES(27,'spotify:album:6kHj399u4uIkMXczvBD07f','Ylny','single','2018-01-03','https://i.scdn.co/image/ab06406kHj399u4uIkMXczvBD07f',12,1795409225203);
INSERT INTO albums VALUES(28,'spotify:album:TRF14np6e6dzAs050lQx3a','Kelylith','album','2003-10-25','https://i.scdn.co/image/ab0640TRF14np6e6dzAs050lQx3a',12,1795409225203);
INSERT INTO albums VALUES(29,'spotify:album:1ANgfVGtiwmC1oNHj6LRc3','Belethpel','compilation','1958-04-16','https://i.scdn.co/image/ab06401ANgfVGtiwmC1oNHj6LRc3',12,1795409225203);
INSERT INTO albums VALUES(30,'spotify:album:S73IcurdFOBhNRsH451x17','Zandro Belzanyl Luorves','album','1978','https://i.scdn.co/image/ab0640S73IcurdFOBhNRsH451x17',12,1795409225203);
INSERT INTO albums VALUES(61,'spotify:album:h4NFQl9G54Hi0DdctcY30d','Droyl Norkipel','album','1991-10-25','https://i.scdn.co/image/ab0640h4NFQl9G54Hi0DdctcY30d',12,1795409226359);
INSERT INTO albums VALUES(64,'spotify:album:kg0Dq9t881sxz6V2BPyK29','Shijotan Pelrawex Kelnor','album','1977-09-03','https://i.scdn.co/image/ab0640kg0Dq9t881sxz6V2BPyK29',12,1795409230354);
CREATE TABLE artists (
  artist_id  INTEGER PRIMARY KEY,  -- number of the artist in this file
  uri        TEXT NOT NULL UNIQUE, -- spotify:artist:ID; else historyd:artist:NAME
  name       TEXT NOT NULL,        -- empty: not told
  updated_at INTEGER NOT NULL      -- when this row last changed
) STRICT;
INSERT INTO artists VALUES(1,'spotify:artist:IlcSTqS3fY4x5DbrPO7vc2','Ethshi',1795409225203);
INSERT INTO artists VALUES(2,'spotify:artist:CQLb8eZme7glzjc1zKj0i5','Rusar Galqua',1795409225203);
INSERT INTO artists VALUES(3,'spotify:artist:1g5NEVC9FEsAOzWlpR9zl6','Belshi Thoylvey',1795409225203);
INSERT INTO artists VALUES(4,'spotify:artist:OFnOmCnOk2A4jfNaQgIh1e','Pelnyor Ulbel',1795409225203);
INSERT INTO artists VALUES(5,'spotify:artist:IzS9N6NgOuM96iK8ENwDi3','Osethves Fenthojo & the Ithsarshi',1795409225203);
INSERT INTO artists VALUES(6,'spotify:artist:6qrdpKrSv5McVN5mhyJbh7','Pelra Nyshi & the Fenshigal',1795409225203);
INSERT INTO artists VALUES(7,'spotify:artist:XUQpONVpJP4h06vyYJ53h6','Jony',1795409225203);
INSERT INTO artists VALUES(8,'spotify:artist:3hm9YuyfutQjLuAmvz5Ek0','Veyjoshi & the Razan',1795409225203);
INSERT INTO artists VALUES(9,'spotify:artist:0BA79IrAoNAnP7oQ0uKk1k','Ethgaleth',1795409225203);
INSERT INTO artists VALUES(10,'spotify:artist:Eq3ovgGHHLP8twYzvnyoe8','Kilu',1795409225203);
INSERT INTO artists VALUES(11,'spotify:artist:EUcGNeL5KPgTBWNteqrV5g','Kiluny Zannor',1795409225203);
INSERT INTO artists VALUES(12,'spotify:artist:1Bm82sDlhiAWzwNsL5it4a','Veymar Moortan & the Wexveyith',1795409225203);
INSERT INTO artists VALUES(13,'spotify:artist:F8YF6kHKkVPAXDBrKfRk23','Orzantho Pelhueth & the Tanulqua',1795409225203);
INSERT INTO artists VALUES(14,'spotify:artist:JgRIpXovaRdJNEEosZfP1l','Tankiki',1795409225203);
INSERT INTO artists VALUES(15,'spotify:artist:ns3FTIFzgxMAYWSTUQk6l0','Linfensar Galtho',1795409225203);
INSERT INTO artists VALUES(16,'spotify:artist:NCfJPkOsPLTX1p41nQySeg','‮drawkcab‬ Veyylfen Droeth',1795409225203);
INSERT INTO artists VALUES(17,'spotify:artist:v4Q7JkCed6H08pqpHkjEc7','Fenkelfen Vesvey',1795409225203);
INSERT INTO artists VALUES(18,'spotify:artist:RiMgwh4egA6KS91Hvla211','Norpelith Belylfen',1795409225203);
INSERT INTO artists VALUES(19,'spotify:artist:QCWnvlzYPUIXFllkdnBC0h','Ylsar Saros',1795409225203);
INSERT INTO artists VALUES(20,'spotify:artist:G2yEhLK7mfeZxWdevhUR6e','Pelhu Belny',1795409225203);
INSERT INTO artists VALUES(21,'spotify:artist:KgoEd7VEZWzGhU3IpL3pie','<script>alert(1)</script> Ulkel',1795409225203);
INSERT INTO artists VALUES(22,'spotify:artist:FSmGm4UBa07JNhO8Ur0Zb1','Monykel',1795409225203);
INSERT INTO artists VALUES(23,'spotify:artist:hVI24BsFZ2CdyolmzFEi9a','Shiqua Kelsar',1795409225203);
INSERT INTO artists VALUES(24,'spotify:artist:TDFolMqrgzBuJe5Ipqeb18','Linmarlin Beltan',1795409225203);
INSERT INTO artists VALUES(25,'spotify:artist:nF5UoIHAJZl9kYLx7G7942','Orlu',1795409225203);
INSERT INTO artists VALUES(26,'spotify:artist:OzHk6yXIPxboqgJAi06M4j','Linos Yltankel & the Wexqua',1795409225203);
INSERT INTO artists VALUES(27,'spotify:artist:XmgTcUTsXi9nQynaPyW74f','Keltan',1795409225203);
INSERT INTO artists VALUES(28,'spotify:artist:XjKbm8KeEnmY7HavftMnb3','Kidrobel Jokelzan',1795409225203);
INSERT INTO artists VALUES(29,'spotify:artist:rmjQmVSafUdoc7e46PQs54','Thowex & the Ithorfen',1795409225203);
INSERT INTO artists VALUES(30,'spotify:artist:m5Qrpeu6lc0Wp7fLGm68gd','Hugal Tanveyny',1795409225203);
INSERT INTO artists VALUES(31,'spotify:artist:xEvlHC4JdPX20LX1sA68k7','Tannysar',1795409225203);
INSERT INTO artists VALUES(32,'spotify:artist:OdCGnj6lAiB6WrP5Jkyr75','Moith Belkelhu',1795409225203);
INSERT INTO artists VALUES(33,'spotify:artist:rQ5uL8eeKP3ORQrx21CWdi','Galshi & the Marmo',1795409225203);
INSERT INTO artists VALUES(34,'spotify:artist:7QrBizUzNL6w8rgbFnbkj3','Ulzanfen Nytan',1795409225203);
INSERT INTO artists VALUES(35,'spotify:artist:SQcZCNmpE2IorApV1lpOge','Galithki Zanith',1795409225203);
INSERT INTO artists VALUES(36,'spotify:artist:cGsnYd53SVe89CjTjO7H69','Nyeth & the Orveyqua',1795409225203);
INSERT INTO artists VALUES(37,'spotify:artist:9Dbti6k29kaQd6iERnbOl0','Rusarul',1795409225203);
INSERT INTO artists VALUES(38,'spotify:artist:bw5hmTYU3aIBdM0rFvYp26','Moquaves Kinoror',1795409225203);
INSERT INTO artists VALUES(39,'spotify:artist:PS8J45wDJ43DVUADLjOo03','Veyosshi Sarnorpel',1795409225203);
INSERT INTO artists VALUES(40,'spotify:artist:kid1VRAcP0eGR1bSFb4Hc9','Tankel Lusarsar',1795409225203);
INSERT INTO artists VALUES(41,'spotify:artist:KyI0t6zFw10rS2OzYsQcc4','Drobel Marfenwex',1795409225203);
INSERT INTO artists VALUES(42,'spotify:artist:95Xu36N4kxaMUGtLSDYZ0e','Ithves',1795409225203);
INSERT INTO artists VALUES(43,'spotify:artist:Ts3Lbc9Vt8PbwN9lDHQohd','Ylosbel Tanylqua & the Tankipel',1795409225203);
INSERT INTO artists VALUES(44,'spotify:artist:qvmf7CxfTKvbfQz2Nz9Wf4','Huqua & the Wextanqua',1795409225203);
INSERT INTO artists VALUES(45,'spotify:artist:jaRsRLeywcl2IaEYWkGhgl','Lupel',1795409225203);
INSERT INTO artists VALUES(79,'spotify:artist:bsRmoh119Xwf2cNgsM29ec','Yloslu & the Oryl',1795409226359);
INSERT INTO artists VALUES(80,'spotify:artist:fuGoE7uNQsVwu9YBXpqpij','Norvesdro',1795409226359);
INSERT INTO artists VALUES(83,'spotify:artist:YbLmmUhH5586lt2vqtVMk6','Jotan',1795409230354);
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
INSERT INTO tracks VALUES(1,'spotify:track:sQnJe5o1iRqXa6JhZ8Ytej','track','Jomo Nymarbel Ethulos','XXGTA7815173',150082,6,1,0,1,1795409225203);
INSERT INTO tracks VALUES(2,'spotify:track:ck4nQi8daPR8CnWXU5kP8d','track','Orosvey Linsarki Normar Pelnorshi','XXDNP1509124',214023,5,1,0,2,1795409225203);
INSERT INTO tracks VALUES(3,'spotify:track:kCNpunoRjB5TA7pCpPAb21','track','Fenlinves Tanmoshi','XXRUS9118172',251650,5,1,0,3,1795409225203);
INSERT INTO tracks VALUES(4,'spotify:track:BSQSdcAqvo5omsBOc2EX89','track','نور المرا Zankigal','XXZWE6918393',104867,10,1,0,4,1795409225203);
INSERT INTO tracks VALUES(5,'spotify:track:nzqKx4EBd9TlGRKGyaLZ8d','track','Wexlin Pelos Eththonor Huqua','XXWZC8005812',177545,5,1,0,5,1795409225203);
INSERT INTO tracks VALUES(6,'spotify:track:LN97Q2p1KhHe6zn63niDe8','track','Runy Iththo Hushiith Linethos','XXEAW7217588',152483,9,1,0,6,1795409225203);
INSERT INTO tracks VALUES(7,'spotify:track:JAfleP1LW1r7lBSoYIAq76','track','Yllinlu Shimo','XXLDA4018661',121227,2,1,0,7,1795409225203);
INSERT INTO tracks VALUES(8,'spotify:track:JZXMGtH6d8OgOT5pxwAIae','track','Razanra','XXLQC4603080',105952,9,1,0,8,1795409225203);
INSERT INTO tracks VALUES(9,'spotify:track:i8UaZBOwJQJbEUtHZEOi10','track','Nornynor','XXHFM0008895',260065,4,1,0,9,1795409225203);
INSERT INTO tracks VALUES(10,'spotify:track:AQ1rr5Y6wkWXvspQr9Oide','track','Tholin','XXYTV3411110',115638,11,1,0,10,1795409225203);
INSERT INTO tracks VALUES(11,'spotify:track:g2vDrOQWf2CWU38bmIADcb','track','- Dromo Moithvey','XXKIV5312893',190093,6,1,0,11,1795409225203);
INSERT INTO tracks VALUES(12,'spotify:track:qvHp14X9NCM3byEMYFDXa8','track','Thomo Thovesbel Rugalnor Tanlu','XXMDW7012464',312960,9,1,0,12,1795409225203);
INSERT INTO tracks VALUES(13,'spotify:track:NHuGERmBfvUZ90GwLq4t40','track','Nythonor Tanor','XXXDA7700323',292379,12,1,0,13,1795409225203);
INSERT INTO tracks VALUES(14,'spotify:track:KYJuIgontE59cKdM1RQS4j','track','Ithulru','XXFXR9416398',112071,7,1,0,14,1795409225203);
INSERT INTO tracks VALUES(15,'spotify:track:jaVaHFe8ZJhwiIlcBVQehg','track','Veyor','XXWJF9508243',93012,12,1,0,15,1795409225203);
INSERT INTO tracks VALUES(16,'spotify:track:DjzCcGutjiChDeh6rcju76','track','Huithsar','XXZIO7604657',87331,2,1,0,16,1795409225203);
INSERT INTO tracks VALUES(17,'spotify:track:QrMsI5KGdfaOYcob4f5gjl','track','Sarnylin Huny Tangal','XXPTU0113156',184968,5,1,0,17,1795409225203);
INSERT INTO tracks VALUES(18,'spotify:track:cMdYxB7pequwhix0NSVMf4','track','Jotan Ulmarra Ethpel','XXCLK4609321',284360,10,1,0,18,1795409225203);
INSERT INTO tracks VALUES(19,'spotify:track:NTV54GgSOv37jkNEfWvPeg','track','Лумора Вест Quaithki Kibel Pelquabel','XXZYY5307283',285225,12,1,0,19,1795409225203);
INSERT INTO tracks VALUES(20,'spotify:track:ReHhBFW8k6HRGSFe2VSDed','track','Tanbel','XXQRL0518091',135103,8,1,0,20,1795409225203);
INSERT INTO tracks VALUES(21,'spotify:track:ajdnRqKDJVGbmA9EbBJCfj','track','Pelki Marves Kelramo','XXEJJ2008225',181772,6,1,0,21,1795409225203);
INSERT INTO tracks VALUES(22,'spotify:track:MnYwJmMBmWdd1de4tmuT94','track','Kirashi','XXXMI8808107',248970,8,1,0,22,1795409225203);
INSERT INTO tracks VALUES(23,'spotify:track:fY0ttzWJaIUpMiU1IDsrla','track','Kellu Moyl Tankior','XXIKS7702863',320288,8,1,0,23,1795409225203);
INSERT INTO tracks VALUES(24,'spotify:track:zVlSUHRBkpUlZT1qlDT97a','track','Veyul Wexny','XXETO3106738',293657,7,1,0,24,1795409225203);
INSERT INTO tracks VALUES(25,'spotify:track:ASUGfZZD0Cr42yK96JDzcb','track','Veszan Shira','XXMXH6404220',280244,9,1,0,25,1795409225203);
INSERT INTO tracks VALUES(26,'spotify:track:yf68qdNg4bpIUFPJ2WYk38','track','Moethqua Norves Marmarmar','XXFWU0502147',195064,12,1,0,26,1795409225203);
INSERT INTO tracks VALUES(27,'spotify:track:PwYNMwblkeXPXhL6HbDKbb','track','Vesrumar Ethjotho','XXBAH2317275',358229,8,1,0,27,1795409225203);
INSERT INTO tracks VALUES(28,'spotify:track:rtJdefa0BMXxy3fw6w0A2k','track','Joruos Ruylnor Joith','XXPJE3213965',315329,10,1,0,28,1795409225203);
INSERT INTO tracks VALUES(29,'spotify:track:Gwm7IhNVHEwHrV45WkkHe2','track','Marshi Galgalpel Ramo','XXEWZ9300003',115188,4,1,0,29,1795409225203);
INSERT INTO tracks VALUES(30,'spotify:track:psA1T9u29pqAJ80cVUB7eh','track','Raraith Ithdroqua Thora Bellin','XXBXJ0302622',322054,7,1,1,30,1795409225203);
INSERT INTO tracks VALUES(61,'spotify:track:U8CGzAPSTWegchY0xSnT6f','track','Linnortho','XXHKL6011707',214198,8,1,0,61,1795409226359);
INSERT INTO tracks VALUES(64,'spotify:track:eKOWclsNab9GCckymUF6aa','track','Ossar Wexdro Tangalgal Marsareth','XXQCW2318134',307840,3,1,0,64,1795409230354);
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
INSERT INTO track_artists VALUES(61,0,79);
INSERT INTO track_artists VALUES(61,1,80);
INSERT INTO track_artists VALUES(64,0,83);
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
INSERT INTO album_artists VALUES(61,0,79);
INSERT INTO album_artists VALUES(64,0,83);
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
INSERT INTO played_tracks VALUES(1,1795409168746,1,'spotify:playlist:XWHEorCDeduim7Hle1Qgh0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409171088,2,'spotify:playlist:zhtl0OnibnvLtpaomurpc8','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409173328,3,NULL,'api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409175850,4,'spotify:playlist:3r2fxjbk4JGVOA3FtRnUf1','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409177329,5,'spotify:playlist:IWP552LfpTnSsbTEzgP3id','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409178565,6,'spotify:playlist:XRI8bVqGAqZvu490vnMHfb','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409179729,7,'spotify:album:IWP552LfpTnSsbTEzgP3id','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409180850,8,'spotify:playlist:RwSUQA0z2zO8T2FEC8GAd7','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409182821,9,'spotify:artist:Ys9b3ljw2XaBG7IEG7YT79','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409184470,10,'spotify:playlist:SNzWOTqICuVcH0SWGo218l','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409186135,11,'spotify:playlist:KgJICSXDb4nFVZaGYtmqb0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409187312,12,'spotify:album:xF7MjJLS0sAgJsI8jYnf7e','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409188983,13,'spotify:playlist:xF7MjJLS0sAgJsI8jYnf7e','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409190764,14,'spotify:album:dLN1yUjV01RNteEpLtLC4c','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409193173,15,'spotify:playlist:KgJICSXDb4nFVZaGYtmqb0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409194260,16,'spotify:playlist:XWHEorCDeduim7Hle1Qgh0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409197144,17,NULL,'api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409199402,18,'spotify:playlist:dLN1yUjV01RNteEpLtLC4c','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409201451,19,'spotify:user:bextor01:collection','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409203861,20,'spotify:album:RLqPd0yN8WrO9gtKSgK2b0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409206046,21,'spotify:artist:CpUmVrH71HPYW50GM7XVa3','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409207848,22,'spotify:playlist:KgJICSXDb4nFVZaGYtmqb0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409209384,23,'spotify:artist:nWZaQnuVcZ2WhltYBB23gd','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409210560,24,'spotify:album:nWZaQnuVcZ2WhltYBB23gd','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409212069,25,'spotify:playlist:RLqPd0yN8WrO9gtKSgK2b0','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409214020,26,'spotify:album:zhtl0OnibnvLtpaomurpc8','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409216614,27,'spotify:album:zLxSjCcxwfnqOPuokYbOif','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409218827,28,'spotify:playlist:c34nVW1WsBSCtNymby3Djd','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409220734,29,'spotify:playlist:Ys9b3ljw2XaBG7IEG7YT79','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409222463,30,'spotify:user:bextor01:playlist:IWP552LfpTnSsbTEzgP3id','api',1795409225203,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409225731,61,'spotify:playlist:zLxSjCcxwfnqOPuokYbOif','api',1795409226359,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409228090,26,NULL,'api',1795409228329,NULL,0,NULL,NULL);
INSERT INTO played_tracks VALUES(1,1795409229109,64,'spotify:album:0IH61KFuo3LQVbCFyvykg5','api',1795409230354,NULL,0,NULL,NULL);
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
INSERT INTO polls VALUES(1,1,1795409225198,'sweep',NULL,'ok',200,NULL,30,30,0,0,4);
INSERT INTO polls VALUES(3,1,1795409226349,'tail',1795409222462,'ok',200,NULL,2,1,0,0,11);
INSERT INTO polls VALUES(6,1,1795409228328,'tail',1795409225730,'ok',200,NULL,2,1,0,0,0);
INSERT INTO polls VALUES(8,1,1795409230353,'tail',1795409228089,'ok',200,NULL,2,1,0,0,0);
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
INSERT INTO runs VALUES(1,1795409225089,1795409231072,1795409231072,'0.1.0');
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
INSERT INTO gate_calls VALUES('sim-client-id',498724,12);
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
CREATE TABLE play_quarters (
  user_id     INTEGER NOT NULL,  -- who
  quarter     INTEGER NOT NULL,  -- quarters of an hour since 1970-01-01 UTC
  plays       INTEGER NOT NULL,  -- plays that ended in it
  listened_ms INTEGER NOT NULL,  -- how long they were heard in all
  PRIMARY KEY (user_id, quarter)
) STRICT, WITHOUT ROWID;
INSERT INTO play_quarters VALUES(1,1994899,33,6978931);
CREATE TABLE play_blocks (
  user_id     INTEGER NOT NULL,  -- who
  block       INTEGER NOT NULL,  -- blocks of 28 days since 1970-01-01 UTC
  track_id    INTEGER NOT NULL,  -- what
  plays       INTEGER NOT NULL,  -- plays of it that ended in the block
  listened_ms INTEGER NOT NULL,  -- how long they were heard in all
  PRIMARY KEY (user_id, block, track_id)
) STRICT, WITHOUT ROWID;
INSERT INTO play_blocks VALUES(1,742,1,1,150082);
INSERT INTO play_blocks VALUES(1,742,2,1,214023);
INSERT INTO play_blocks VALUES(1,742,3,1,251650);
INSERT INTO play_blocks VALUES(1,742,4,1,104867);
INSERT INTO play_blocks VALUES(1,742,5,1,177545);
INSERT INTO play_blocks VALUES(1,742,6,1,152483);
INSERT INTO play_blocks VALUES(1,742,7,1,121227);
INSERT INTO play_blocks VALUES(1,742,8,1,105952);
INSERT INTO play_blocks VALUES(1,742,9,1,260065);
INSERT INTO play_blocks VALUES(1,742,10,1,115638);
INSERT INTO play_blocks VALUES(1,742,11,1,190093);
INSERT INTO play_blocks VALUES(1,742,12,1,312960);
INSERT INTO play_blocks VALUES(1,742,13,1,292379);
INSERT INTO play_blocks VALUES(1,742,14,1,112071);
INSERT INTO play_blocks VALUES(1,742,15,1,93012);
INSERT INTO play_blocks VALUES(1,742,16,1,87331);
INSERT INTO play_blocks VALUES(1,742,17,1,184968);
INSERT INTO play_blocks VALUES(1,742,18,1,284360);
INSERT INTO play_blocks VALUES(1,742,19,1,285225);
INSERT INTO play_blocks VALUES(1,742,20,1,135103);
INSERT INTO play_blocks VALUES(1,742,21,1,181772);
INSERT INTO play_blocks VALUES(1,742,22,1,248970);
INSERT INTO play_blocks VALUES(1,742,23,1,320288);
INSERT INTO play_blocks VALUES(1,742,24,1,293657);
INSERT INTO play_blocks VALUES(1,742,25,1,280244);
INSERT INTO play_blocks VALUES(1,742,26,2,390128);
INSERT INTO play_blocks VALUES(1,742,27,1,358229);
INSERT INTO play_blocks VALUES(1,742,28,1,315329);
INSERT INTO play_blocks VALUES(1,742,29,1,115188);
INSERT INTO play_blocks VALUES(1,742,30,1,322054);
INSERT INTO play_blocks VALUES(1,742,61,1,214198);
INSERT INTO play_blocks VALUES(1,742,64,1,307840);
CREATE TABLE play_totals (
  user_id     INTEGER NOT NULL,  -- who
  track_id    INTEGER NOT NULL,  -- what
  plays       INTEGER NOT NULL,  -- plays of it, the sum of play_blocks
  listened_ms INTEGER NOT NULL,  -- how long they were heard in all
  first_at    INTEGER NOT NULL,  -- reported end of the first
  last_at     INTEGER NOT NULL,  -- reported end of the last
  PRIMARY KEY (user_id, track_id)
) STRICT, WITHOUT ROWID;
INSERT INTO play_totals VALUES(1,1,1,150082,1795409168746,1795409168746);
INSERT INTO play_totals VALUES(1,2,1,214023,1795409171088,1795409171088);
INSERT INTO play_totals VALUES(1,3,1,251650,1795409173328,1795409173328);
INSERT INTO play_totals VALUES(1,4,1,104867,1795409175850,1795409175850);
INSERT INTO play_totals VALUES(1,5,1,177545,1795409177329,1795409177329);
INSERT INTO play_totals VALUES(1,6,1,152483,1795409178565,1795409178565);
INSERT INTO play_totals VALUES(1,7,1,121227,1795409179729,1795409179729);
INSERT INTO play_totals VALUES(1,8,1,105952,1795409180850,1795409180850);
INSERT INTO play_totals VALUES(1,9,1,260065,1795409182821,1795409182821);
INSERT INTO play_totals VALUES(1,10,1,115638,1795409184470,1795409184470);
INSERT INTO play_totals VALUES(1,11,1,190093,1795409186135,1795409186135);
INSERT INTO play_totals VALUES(1,12,1,312960,1795409187312,1795409187312);
INSERT INTO play_totals VALUES(1,13,1,292379,1795409188983,1795409188983);
INSERT INTO play_totals VALUES(1,14,1,112071,1795409190764,1795409190764);
INSERT INTO play_totals VALUES(1,15,1,93012,1795409193173,1795409193173);
INSERT INTO play_totals VALUES(1,16,1,87331,1795409194260,1795409194260);
INSERT INTO play_totals VALUES(1,17,1,184968,1795409197144,1795409197144);
INSERT INTO play_totals VALUES(1,18,1,284360,1795409199402,1795409199402);
INSERT INTO play_totals VALUES(1,19,1,285225,1795409201451,1795409201451);
INSERT INTO play_totals VALUES(1,20,1,135103,1795409203861,1795409203861);
INSERT INTO play_totals VALUES(1,21,1,181772,1795409206046,1795409206046);
INSERT INTO play_totals VALUES(1,22,1,248970,1795409207848,1795409207848);
INSERT INTO play_totals VALUES(1,23,1,320288,1795409209384,1795409209384);
INSERT INTO play_totals VALUES(1,24,1,293657,1795409210560,1795409210560);
INSERT INTO play_totals VALUES(1,25,1,280244,1795409212069,1795409212069);
INSERT INTO play_totals VALUES(1,26,2,390128,1795409214020,1795409228090);
INSERT INTO play_totals VALUES(1,27,1,358229,1795409216614,1795409216614);
INSERT INTO play_totals VALUES(1,28,1,315329,1795409218827,1795409218827);
INSERT INTO play_totals VALUES(1,29,1,115188,1795409220734,1795409220734);
INSERT INTO play_totals VALUES(1,30,1,322054,1795409222463,1795409222463);
INSERT INTO play_totals VALUES(1,61,1,214198,1795409225731,1795409225731);
INSERT INTO play_totals VALUES(1,64,1,307840,1795409229109,1795409229109);
CREATE TABLE stale_blocks (
  user_id INTEGER NOT NULL,  -- whose plays changed
  block   INTEGER NOT NULL,  -- in which block of 28 days: the three tables are behind there
  PRIMARY KEY (user_id, block)
) STRICT, WITHOUT ROWID;
INSERT INTO stale_blocks VALUES(2,742);
CREATE INDEX tracks_album ON tracks (album_id);
CREATE INDEX played_tracks_import ON played_tracks (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX played_tracks_api ON played_tracks (user_id, played_at) WHERE source = 'api';
CREATE INDEX play_details_import ON play_details (short_import_id) WHERE short_import_id IS NOT NULL;
CREATE INDEX gaps_import ON gaps (filled_by) WHERE filled_by IS NOT NULL;
CREATE INDEX play_details_long_track ON play_details (long_track_id) WHERE long_track_id IS NOT NULL;
CREATE INDEX play_details_short_track ON play_details (short_track_id) WHERE short_track_id IS NOT NULL;
CREATE INDEX played_tracks_track
ON played_tracks (track_id, user_id, played_at, nudge_ms, ms_played, deleted_at);
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
CREATE TRIGGER user_removed AFTER DELETE ON users BEGIN
  DELETE FROM play_quarters WHERE user_id = OLD.user_id;
  DELETE FROM play_blocks WHERE user_id = OLD.user_id;
  DELETE FROM play_totals WHERE user_id = OLD.user_id;
  DELETE FROM stale_blocks WHERE user_id = OLD.user_id;
END;
COMMIT;
PRAGMA user_version = 4;
