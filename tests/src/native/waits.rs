//! Waiting on what the relay tells of each part of its state.

use anyhow::{Context, Result, ensure};
use shared::{
    media::{Activity, Drives},
    message::{State, Typing},
    power::{Ended, Power, Supply},
    switch::Switch,
};

use super::{Client, Told};

impl Client {
    /// Waits for a state of the relay.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before that.
    pub async fn state_where(
        &mut self,
        what: &str,
        condition: impl Fn(&State) -> bool,
    ) -> Result<State> {
        self.part_where(what, |told| &told.state, condition).await
    }

    /// Waits until the text that the relay types is so far.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before that.
    pub async fn typing_where(
        &mut self,
        what: &str,
        condition: impl Fn(&Typing) -> bool,
    ) -> Result<Typing> {
        self.part_where(what, |told| &told.typing, condition).await
    }

    /// Waits until the machine's drives are so.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before that.
    pub async fn drives_where(
        &mut self,
        what: &str,
        condition: impl Fn(&Drives) -> bool,
    ) -> Result<Drives> {
        self.part_where(what, |told| &told.drives, condition).await
    }

    /// Waits until the machine's power is so.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before that.
    pub async fn power_where(
        &mut self,
        what: &str,
        condition: impl Fn(&Power) -> bool,
    ) -> Result<Power> {
        self.part_where(what, |told| &told.power, condition).await
    }

    /// Waits until what was begun with this number is over, and gives how it has ended.
    ///
    /// # Errors
    /// As [`Client::power_where`].
    pub async fn power_ends(&mut self, id: u32) -> Result<Ended> {
        let over = |power: &Power| power.ended.as_ref().is_some_and(|ended| ended.id == id);
        let power = self.power_where("the end of the action", over).await?;
        let ended = power.ended.context("an end")?;
        ensure!(power.running.is_none(), "{:?}", power.running);
        Ok(ended)
    }

    /// Waits until the switch before the machines stands so.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before that.
    pub async fn switch_where(
        &mut self,
        what: &str,
        condition: impl Fn(&Switch) -> bool,
    ) -> Result<Switch> {
        self.part_where(what, |told| &told.switch, condition).await
    }

    /// Waits until the machine's power light says this.
    ///
    /// # Errors
    /// As [`Client::power_where`].
    pub async fn sees(&mut self, supply: Supply) -> Result<()> {
        let what = format!("{supply:?}");
        self.power_where(&what, |power| power.supply == supply)
            .await?;
        Ok(())
    }

    /// Waits until the machine does something with a drive, by what was last said of each.
    ///
    /// # Errors
    /// Where the link ends or the deadline passes before it does.
    pub async fn activity_where(
        &mut self,
        what: &str,
        condition: impl Fn(&Activity) -> bool,
    ) -> Result<()> {
        self.told_where(what, |told| told.activity.iter().any(&condition))
            .await?;
        Ok(())
    }

    async fn part_where<T: Clone>(
        &mut self,
        what: &str,
        part: fn(&Told) -> &Option<T>,
        condition: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let told = self
            .told_where(what, |told| part(told).as_ref().is_some_and(&condition))
            .await?;
        part(&told).clone().with_context(|| what.to_owned())
    }
}
