//! The loader and the look-ups on a real database.

use super::{load::load, *};
use crate::{
    clock::{Clock, Ids},
    db::Db,
};

struct Office {
    db: Db,
    ids: Ids,
    _files: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let files = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite:{}", files.path().join("units.db").display()), 2).await.unwrap();
        db.migrate().await.unwrap();
        Self { db, ids: Ids::random(Clock::system()), _files: files }
    }

    async fn unit(&self, code: &str, on: &str) -> Model {
        find(self.db.read(), code, Some(on.parse().unwrap())).await.unwrap().unwrap()
    }

    async fn within(&self, area: &Model) -> Vec<Model> {
        let pairs = unit_scope::Entity::find().filter(unit_scope::Column::UnitId.eq(area.id));
        let ids: Vec<Uuid> = pairs.all(self.db.read()).await.unwrap().iter().map(|pair| pair.within_id).collect();
        let mut units: Vec<Model> = by_ids(self.db.read(), &ids).await.unwrap().into_values().collect();
        units.sort_by(|a, b| (&a.code, a.valid_from).cmp(&(&b.code, b.valid_from)));
        units
    }
}

#[tokio::test]
async fn the_shipped_lists_load_once_and_give_the_areas_of_both_eras() {
    let office = Office::open().await;
    let (before, after) = ("2022-06-30", "2026-01-01");

    let first = load::load_shipped(&office.db, &office.ids).await.unwrap();
    let second = load::load_shipped(&office.db, &office.ids).await.unwrap();

    assert_eq!((first.inserted, first.successions, first.doubtful_lines.len()), (14_149, 10_665, 7));
    let nothing = (second.inserted, second.updated, second.unchanged, second.successions, second.scope_changes);
    assert_eq!(nothing, (0, 0, 14_149, 0, 0));

    let phu_thong = office.unit("01969", after).await;
    let covered = office.within(&phu_thong).await;
    let names: Vec<_> = covered.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect();
    assert_eq!(
        names,
        [
            ("01969", "Thị trấn Phủ Thông"),
            ("01969", "Xã Phủ Thông"),
            ("01975", "Xã Vi Hương"),
            ("01990", "Xã Lục Bình"),
            ("01993", "Xã Tân Tú"),
        ]
    );

    let district = office.unit("063", before).await;
    let of_district = office.within(&district).await;
    assert_eq!(of_district.len(), 15);
    assert!(of_district.iter().all(|unit| !is_valid_on(unit, after.parse().unwrap())));

    let province = office.unit("19", after).await;
    let of_province: HashSet<Uuid> = office.within(&province).await.iter().map(|unit| unit.id).collect();
    assert!(of_district.iter().all(|unit| of_province.contains(&unit.id)));
    assert!(lies_within(office.db.read(), phu_thong.id, province.id).await.unwrap());
    assert!(!lies_within(office.db.read(), phu_thong.id, district.id).await.unwrap());
}

#[tokio::test]
async fn a_code_means_the_unit_of_its_day() {
    let office = Office::open().await;
    load::load_shipped(&office.db, &office.ids).await.unwrap();
    let conn = office.db.read();
    let (old, new) = ("2025-06-30".parse().unwrap(), "2025-07-01".parse().unwrap());

    let wanted = [("01969".to_owned(), old), ("01969".to_owned(), new), ("01975".to_owned(), new)];
    let found = communes_on(conn, &wanted).await.unwrap();

    assert_eq!(found[&wanted[0]].name, "Thị trấn Phủ Thông");
    assert_eq!(found[&wanted[1]].name, "Xã Phủ Thông");
    assert!(!found.contains_key(&wanted[2]));
    assert_eq!(find(conn, "01969", None).await.unwrap().unwrap().name, "Xã Phủ Thông");
    assert_eq!(area_of(&found[&wanted[0]]), Area::Urban);
    let above = ancestors(conn, &found[&wanted[0]]).await.unwrap();
    assert_eq!(above.iter().map(|unit| unit.code.as_str()).collect::<Vec<_>>(), ["063", "06"]);
    assert_eq!(children(conn, above[0].id, Some(old)).await.unwrap().len(), 14);
    for text in ["phủ thông", "XÃ Phủ Thông", "thi tran phu thon"] {
        let found = search(conn, text, Some(new), 20).await.unwrap();
        assert!(found.iter().any(|unit| unit.code == "01969"), "{text}: {found:?}");
    }
    assert_eq!((communes(conn, old).await.unwrap().len(), communes(conn, new).await.unwrap().len()), (10_035, 3_321));
    assert!(commune_on(conn, "063", old).await.unwrap().is_none());
}

const UNITS: &str = "level,code,name,type,parent_code,valid_from,valid_to\n";
const SUCCESSIONS: &str = "old_level,old_code,new_level,new_code,kind,is_default,effective_on,legal_basis\n";

#[tokio::test]
async fn a_newer_list_ends_units_and_passes_their_areas_on() {
    let office = Office::open().await;
    let first =
        format!("{UNITS}province,01,Tỉnh A,tỉnh,,,\ncommune,00001,Xã Một,xã,01,,\ncommune,00002,Xã Hai,xã,01,,\n");
    load(&office.db, &office.ids, first.as_bytes(), SUCCESSIONS.as_bytes()).await.unwrap();

    let newer =
        format!("{UNITS}commune,00001,Phường Một,phường,01,2026-04-30,\ncommune,00002,Xã Hai,xã,01,,2026-04-29\n");
    let steps = format!(
        "{SUCCESSIONS}commune,00001,commune,00001,whole,true,2026-04-30,Nghị quyết 1\n\
         commune,00002,commune,00001,part,true,2026-04-30,Nghị quyết 1\n"
    );
    let report = load(&office.db, &office.ids, newer.as_bytes(), steps.as_bytes()).await.unwrap();

    assert_eq!((report.inserted, report.updated, report.unchanged, report.successions), (1, 2, 1, 2));
    let one = office.unit("00001", "2026-04-29").await;
    assert_eq!((one.name.as_str(), one.valid_to), ("Xã Một", "2026-04-29".parse().ok()));
    assert_eq!(office.within(&office.unit("00001", "2026-05-01").await).await.len(), 3);
    assert!(find(office.db.read(), "00002", "2026-05-01".parse().ok()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_list_with_an_unknown_parent_changes_nothing() {
    let office = Office::open().await;
    let list = format!("{UNITS}province,01,Tỉnh A,tỉnh,,,\ncommune,00001,Xã Một,xã,02,,\n");

    let error = load(&office.db, &office.ids, list.as_bytes(), SUCCESSIONS.as_bytes()).await.unwrap_err();

    assert_eq!(error.faults()[0].field.as_deref(), Some("line 3, parent_code"));
    assert!(find(office.db.read(), "01", None).await.unwrap().is_none());
}
