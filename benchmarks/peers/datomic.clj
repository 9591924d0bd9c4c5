;; Datomic Local in process, in memory. Valid time is two attributes, since Datomic keeps record
;; time alone. Writes how many members it finds, then for each number read asks so often and writes
;; the milliseconds as JSON.
(require '[datomic.client.api :as d] '[clojure.data.json :as json] '[clojure.java.io :as io])

(let [[file coalition day] *command-line-args*
      x (Long/parseLong day)
      attribute (fn [[name kind]]
                  {:db/ident name :db/valueType kind :db/cardinality :db.cardinality/one})
      client (d/client {:server-type :datomic-local :storage-dir :mem :system "bench"})
      _ (d/create-database client {:db-name "bench"})
      connection (d/connect client {:db-name "bench"})
      entity (fn [row]
               {:held/coalition (:coalition row) :held/member (:member row)
                :held/from (:from row) :held/until (:until row)
                :held/name (:name row) :held/kind (:kind row)
                :held/contested (:contested row) :held/since (or (:since row) "")
                ;; facts and sources as text: fewer datoms to pull than it would have by rights
                :held/facts (json/write-str (:facts row))
                :held/sources (json/write-str (:sources row))})
      ask (fn []
            (d/q '[:find (pull ?m [*]) :in $ ?c ?x
                   :where [?m :held/coalition ?c]
                          [?m :held/from ?from] [(<= ?from ?x)]
                          [?m :held/until ?until] [(< ?x ?until)]]
                 (d/db connection) coalition x))]
  (d/transact connection
              {:tx-data (mapv attribute
                              {:held/coalition :db.type/string :held/member :db.type/string
                               :held/from :db.type/long :held/until :db.type/long
                               :held/name :db.type/string :held/kind :db.type/string
                               :held/contested :db.type/boolean :held/since :db.type/string
                               :held/facts :db.type/string :held/sources :db.type/string})})
  (with-open [lines (io/reader file)]
    (doseq [rows (partition-all 500 (map #(json/read-str % :key-fn keyword) (line-seq lines)))]
      (d/transact connection {:tx-data (mapv entity rows)})))
  (println (count (ask)))
  (loop []
    (when-let [line (read-line)]
      (println (json/write-str
                (vec (for [_ (range (Long/parseLong line))]
                       (let [start (System/nanoTime)]
                         (count (ask))
                         (/ (- (System/nanoTime) start) 1e6))))))
      (recur)))
  (shutdown-agents)
  (System/exit 0))
